import { describe, expect, test } from "vitest";
import { stopAndUndo } from "../../../src/app/experiment/advance.ts";
import { countedNowMs, overdueFaults } from "../../../src/app/inject/active-faults.ts";
import { sweep } from "../../../src/app/worker/sweep.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Bench, bench, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;

function withFault(run: Bench): Bench {
  const before = run.deps.policyOf(experimentPlan())!;
  const fault = { kind: "http-abort", durationMs: 5 * MINUTE_MS, httpStatus: 503, percent: 50 } as const;
  Object.assign(run.deps, { policyOf: () => ({ ...before, faults: [{ weight: 1, fault }] }) });
  return run;
}

/** An HTTP fault of five minutes is active since T0. */
async function active(the: World): Promise<Bench> {
  const run = withFault(await bench(the));
  await run.step();
  expect((await run.kinds()).at(-1)).toBe("injected");
  return run;
}

test.each([
  { name: "back", byMs: -HOUR_MS },
  { name: "back by a day", byMs: -24 * HOUR_MS },
])("an active fault ends in its time although the clock is set $name meanwhile", async ({ byMs }) => {
  const the = world();
  const run = await active(the);
  run.clock.moveTo(T0 + MINUTE_MS);
  run.clock.setBy(byMs);
  await run.step();
  await run.clock.sleep(4 * MINUTE_MS - SECOND_MS, new AbortController().signal);
  expect(overdueFaults(run.clock)).toEqual([]);
  await run.step();
  expect(the.undone).toHaveLength(0);
  await run.clock.sleep(SECOND_MS, new AbortController().signal);
  expect(overdueFaults(run.clock).map(({ plan }) => plan?.id)).toEqual([ID]);
  await run.step();
  expect(the.undone).toHaveLength(1);
  expect(overdueFaults(run.clock)).toEqual([]);
});

test("an active fault that a process finds whose clock is behind ends after its whole time at the latest", async () => {
  const the = world();
  const run = await active(the);
  run.clock.setBy(-HOUR_MS);
  const behind = { ...run.clock };
  const again = { ...run, deps: { ...run.deps, clock: behind } };
  const { advance } = await import("../../../src/app/experiment/advance.ts");
  await advance(again.deps, ID, new AbortController().signal);
  await run.clock.sleep(5 * MINUTE_MS, new AbortController().signal);
  expect(overdueFaults(behind).map(({ plan }) => plan?.id)).toEqual([ID]);
  await advance(again.deps, ID, new AbortController().signal);
  expect(the.undone).toHaveLength(1);
});

describe("an active fault does not end early when the clock is set forward by an hour", () => {
  /** The fault's five minutes by the counter; what is undone before and after they are over. */
  async function end(run: Bench, the: World) {
    const forever = new AbortController().signal;
    const swept: number[] = [];
    run.deps.injector.sweep = async (nowMs) => {
      swept.push(nowMs);
      return [];
    };
    let looks = 0;
    for (let leftMs = 5 * MINUTE_MS - SECOND_MS - run.clock.monotonicMs(); leftMs > 0; looks++) {
      const untilMs = (await run.step()) ?? 0;
      await sweep(run.deps, forever);
      const ms = Math.min(leftMs, Math.max(SECOND_MS, untilMs - run.clock.nowMs()));
      leftMs -= ms;
      await run.clock.sleep(ms, forever);
    }
    const before = the.undone.length;
    await run.clock.sleep(SECOND_MS, forever);
    await run.step();
    return { before, after: the.undone.length, looks, sweptMs: Math.max(...swept) };
  }

  test("in the answer to the call", async () => {
    const the = world();
    const run = await bench(the);
    run.deps.injector.inject = async (order) => {
      the.orders.push(order);
      run.clock.setBy(HOUR_MS);
      return { kind: "injected" };
    };
    withFault(run);
    await run.step();
    const { before, after, looks, sweptMs } = await end(run, the);
    expect([before, after]).toEqual([0, 1]);
    expect(sweptMs).toBeLessThan(the.orders[0]?.expiresMs ?? 0);
    expect(looks).toBeLessThan(70);
  });

  test("while it is active", async () => {
    const the = world();
    const run = await active(the);
    await run.clock.sleep(MINUTE_MS, new AbortController().signal);
    run.clock.setBy(HOUR_MS);
    expect(await end(run, the)).toMatchObject({ before: 0, after: 1 });
  });

  test("but at once when it is stopped", async () => {
    const the = world();
    const run = await active(the);
    run.clock.setBy(HOUR_MS);
    await stopAndUndo(run.deps, ID, { why: "halted: fire", by: "ada" }, new AbortController().signal);
    expect(the.undone).toHaveLength(1);
  });
});

test("whose fault is over no longer holds the clock of sweeps back", async () => {
  const the = world();
  const run = await active(the);
  run.clock.setBy(HOUR_MS);
  expect(countedNowMs(run.clock)).toBe(T0);
  await run.clock.sleep(5 * MINUTE_MS, new AbortController().signal);
  expect(countedNowMs(run.clock)).toBe(T0 + HOUR_MS + 5 * MINUTE_MS);
});
