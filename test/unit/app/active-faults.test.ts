import { expect, test } from "vitest";
import { overdueFaults } from "../../../src/app/inject/active-faults.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Bench, bench, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;

/** An HTTP fault of five minutes is active since T0. */
async function active(the: World): Promise<Bench> {
  const run = await bench(the);
  const before = run.deps.policyOf(experimentPlan())!;
  const fault = { kind: "http-abort", durationMs: 5 * MINUTE_MS, httpStatus: 503, percent: 50 } as const;
  Object.assign(run.deps, { policyOf: () => ({ ...before, faults: [{ weight: 1, fault }] }) });
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
