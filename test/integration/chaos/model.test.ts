import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { BREAKS } from "../../chaos/model/breaks.ts";
import { buildPrograms, changed, type Load } from "../../chaos/model/build.ts";
import { emptyTally, livesOf, namedLife, noticed, playInto } from "../../chaos/model/campaign.ts";
import { live } from "../../chaos/model/life.ts";
import { GROUPS } from "../../chaos/model/lives.ts";

let built: Promise<Load> | null = null;
const sound = (): Promise<Load> => {
  built ??= buildPrograms();
  return built;
};

describe("simulated lives (a sample of npm run test:chaos)", () => {
  test("break no promise, whatever is done to them", { timeout: 300_000 }, async ({ signal }) => {
    const tally = emptyTally();
    for (const group of GROUPS) {
      for await (const life of livesOf(await sound(), [group], 400)) {
        signal.throwIfAborted();
        await playInto(tally, await sound(), life);
      }
    }
    expect(tally.problems).toEqual([]);
    expect(tally.kill_points).toBeGreaterThan(10);
    expect(tally.troubles).toBeGreaterThan(30);
    expect(tally.calls).toBeGreaterThan(100);
  });

  test("go the same way each time", { timeout: 60_000 }, async () => {
    const life = "killed / jobs / http-abort / 90";
    const first = await live(await sound(), namedLife(life));
    expect((await live(await sound(), namedLife(life))).history).toEqual(first.history);
  });

  test("are forgotten once they were played: thousands follow one another in one process", async () => {
    const played: WeakRef<object>[] = [];
    for (const life of ["killed / worker / pod-delete / 40", "killed / jobs / http-abort / 90"])
      played.push(new WeakRef((await live(await sound(), namedLife(life))).history));
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    // what a timer or a promise holds is let go in a later turn
    for (let turns = 0; turns < 20 && played.some((one) => one.deref() !== undefined); turns++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    expect(played.map((one) => one.deref()?.constructor)).toEqual([undefined, undefined]);
  });

  test("wake a worker once for what it waits for", { timeout: 60_000 }, async () => {
    const name = "counts cannot be read for ten minutes after an experiment / worker / pod-delete";
    const { history } = await live(await sound(), namedLife(name));
    const first = history.find((one) => one.on === "call");
    const asked = history.filter((one) => one.on === "partial" && one.by === first?.by);
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThan(15);
  });
});

describe("a break of the program", () => {
  test.each(BREAKS)("still applies: $name", (its) => {
    for (const change of [its, ...(its.also ?? [])]) expect(changed(change)).toContain(change.to);
  });

  test.each([
    "a finder calls again",
    "the calendar gate is always open",
    "a deletion names no uid and no version",
    "an active experiment keeps nobody out",
    "a fault is not undone at its time",
  ])("is noticed: %s", { timeout: 120_000 }, async (name) => {
    const its = BREAKS.find((one) => one.name === name);
    const { by } = await noticed(await sound(), its!, 80, new AbortController().signal);
    expect(by).not.toBeNull();
  });
});
