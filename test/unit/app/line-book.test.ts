import { expect, test } from "vitest";
import { replay } from "../../../src/core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../../src/core/model/experiment.ts";
import { HOUR_MS } from "../../../src/core/model/units.ts";
import { lineBook } from "../../../src/main/web/line-book.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const stateOf = (i: number, ...later: ExperimentEvent[]): ExperimentState =>
  replay([{ kind: "planned", plan: experimentPlan({ id: `e-${i}`, slotMs: T0 + i * HOUR_MS }) }, ...later]);
const missed: ExperimentEvent = { kind: "missed", why: "nobody was there" };

/** A book of `states`, which may change, and the ids that were read of it. */
function shelf(states: ExperimentState[]) {
  const read: string[] = [];
  const some = async (ids: readonly string[]) => {
    read.push(...ids);
    return ids.flatMap((id) => states.find(({ plan }) => plan?.id === id) ?? []);
  };
  const ids = async () => states.map(({ plan }) => plan?.id ?? "");
  let nowMs = T0;
  const monotonic = () => (nowMs += 10_000);
  const clock = { nowMs: () => T0 + 100 * HOUR_MS };
  return { read, lines: lineBook({ ids, some }, clock, monotonic) };
}

test("what has ended is read once, and the list is the same object until something changes", async () => {
  const states = [stateOf(0, missed), stateOf(1, missed), stateOf(2)];
  const { read, lines } = shelf(states);
  const first = await lines();
  expect(first.map(({ id, ending }) => [id, ending])).toEqual([
    ["e-2", "planned"],
    ["e-1", "missed"],
    ["e-0", "missed"],
  ]);
  read.length = 0;
  expect(await lines()).toBe(first);
  expect(read).toEqual(["e-2"]);

  states[2] = stateOf(2, missed);
  const second = await lines();
  expect(second[0]?.ending).toBe("missed");
  read.length = 0;
  expect(await lines()).toBe(second);
  expect(read).toEqual([]);
});

test("what retention removed is gone from the list", async () => {
  const states = [stateOf(0, missed), stateOf(1, missed)];
  const { lines } = shelf(states);
  await lines();
  states.shift();
  expect((await lines()).map(({ id }) => id)).toEqual(["e-1"]);
});
