import { describe, expect, test } from "vitest";
import { judgeThread } from "../../../src/adapters/system/judge/runner.ts";
import { type FinalLook, finalLook } from "../../../src/core/judge/design/final-look.ts";
import { type JudgeInput, judge } from "../../../src/core/judge/judge.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../../src/core/model/policy.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { type Behaviour, DEMO, inputOf, observe } from "../../unit/judge/scenario.ts";

const { signal } = new AbortController();
const T0 = Date.parse("2026-03-06T09:15:00Z");

/** A service that fails from t0 on, with two days of history. */
const damaged = (historyDays: number): JudgeInput => {
  const input = inputOf({
    services: [{ service: "go-app/go-app", rps: () => 20, failing: (atMs) => (atMs >= T0 ? 0.5 : 0) }],
    historyDays,
  });
  return { ...input, minimumEffect: () => DEFAULT_MINIMUM_EFFECT };
};

/**
 * A service that failed for three minutes at T0, one that does so every half an hour, and a third;
 * T0 was drawn from five hours.
 */
function looked(): FinalLook {
  const rps = () => 20;
  const services: readonly Behaviour[] = [
    { service: "go-app/go-app", rps, failing: (atMs) => (atMs >= T0 && atMs < T0 + 3 * MINUTE_MS ? 0.5 : 0) },
    { service: "go-app/repeater", rps, failing: (atMs) => ((atMs - T0) % (30 * MINUTE_MS) < 3 * MINUTE_MS ? 0.5 : 0) },
    { service: "shop/cart", rps },
  ];
  const startMs = T0 - 2 * DAY_MS;
  const history = observe(services, { startMs, stepMs: MINUTE_MS, steps: 54 * 60 }, 1);
  const { verdicts } = judge({ ...inputOf({ services, geometry: DEMO }), geometry: DEMO });
  return {
    verdicts: verdicts.filter(({ service, signal }) => service !== "shop/cart" && signal === "failures"),
    history,
    drawn: {
      slotMs: T0,
      t0Ms: T0,
      candidates: { fromMs: T0 - 2 * HOUR_MS, toMs: T0 + 3 * HOUR_MS },
      geometry: DEMO,
      observedToMs: T0 + 20 * MINUTE_MS,
    },
    taken: [],
    suspected: [{ service: "shop/cart", signal: "failures" }],
    sham: ["go-app/go-app"],
  };
}

describe("judging in a thread of its own", () => {
  test("answers what judging here answers, again and again", async () => {
    await using runner = judgeThread();
    const input = damaged(2);
    const here = judge(input);
    expect(await runner.judge(input, signal)).toEqual(here);
    expect(await runner.judge(input, signal)).toEqual(here);
  });

  test("judges when the service that was hit, its callers and callees have no traffic at all", async () => {
    await using runner = judgeThread();
    const input: JudgeInput = {
      ...damaged(0),
      concerned: ["shop/silent"],
      calls: [
        { caller: "shop/idle", callee: "shop/silent" },
        { caller: "shop/silent", callee: "shop/unheard" },
      ],
    };
    expect(await runner.judge(input, signal)).toEqual(judge(input));
  });

  test("answers of a final look what looking here answers, judgements before and after it", async () => {
    await using runner = judgeThread();
    const [look, input] = [looked(), damaged(0)];
    const here = finalLook(look);
    expect(here.checks.map(({ vetoed }) => vetoed)).toEqual([false, true]);
    expect(here.minutes.map(({ test: of }) => of?.service ?? "sham")).toEqual(["shop/cart", "sham"]);
    const [before, final, after] = await Promise.all([
      runner.judge(input, signal),
      runner.finalLook(look, signal),
      runner.judge(input, signal),
    ]);
    expect(final).toEqual(here);
    expect(after).toEqual(before);
  });

  test("goes on with what an earlier thread had learnt after a rest", async () => {
    await using runner = judgeThread({ restAfterMs: 0 });
    const input = damaged(2);
    const first = await runner.judge(input, signal);
    await new Promise<void>((resolve) => setImmediate(resolve));
    expect(await runner.judge(input, signal)).toEqual(first);
  });

  test("rejects with what the judge throws, and goes on", async () => {
    await using runner = judgeThread();
    const input = damaged(0);
    const history = { ...input.observation, grid: { ...input.observation.grid, stepMs: 1_000 } };
    await expect(runner.judge({ ...input, history }, signal)).rejects.toThrow(/step is 1000 ms/);
    expect((await runner.judge(input, signal)).headline).toBe("persistent");
  });

  test("is left when its caller gives up", async () => {
    await using runner = judgeThread();
    const stop = new AbortController();
    const answer = runner.judge(damaged(2), stop.signal);
    stop.abort(new Error("stopped"));
    await expect(answer).rejects.toThrow("stopped");
    await expect(runner.judge(damaged(0), stop.signal)).rejects.toThrow("stopped");
  });

  test("whoever waits is told when the process ends", async () => {
    const runner = judgeThread();
    const answer = runner.judge(damaged(2), signal);
    const told = expect(answer).rejects.toThrow("the process ends");
    await runner[Symbol.asyncDispose]();
    await told;
  });
});
