import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/experiment/advance.ts";
import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import type { Fault } from "../../../src/core/model/fault.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Bench, bench, replaced, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;
const forever = new AbortController().signal;
const ABORT: Fault = { kind: "http-abort", durationMs: 5 * MINUTE_MS, httpStatus: 503, percent: 50 };
const RULE = { windowMs: 2 * MINUTE_MS, excessFailures: 50, rateFall: 0.5, missingRequests: 100 };

/** An experiment whose call was made at T0. */
async function called(the: World, fault: Fault = { kind: "pod-delete" }, changes = {}): Promise<Bench> {
  const run = await bench(the, changes);
  const own = run.deps.policyOf(experimentPlan())!;
  Object.assign(run.deps, { policyOf: () => ({ ...own, faults: [{ weight: 1, fault }] }) });
  await run.step();
  expect(the.orders).toHaveLength(1);
  return run;
}

/** Lets `ms` pass, and comes back whenever it was asked to. */
async function wait(run: Bench, ms: number, again = () => run.step()): Promise<void> {
  for (let leftMs = ms; leftMs > 0; ) {
    const untilMs = await again();
    const nextMs = Math.min(leftMs, Math.max(1, (untilMs ?? Number.POSITIVE_INFINITY) - run.clock.nowMs()));
    await run.clock.sleep(nextMs, forever);
    leftMs -= nextMs;
  }
  await again();
}

type Kind = ExperimentEvent["kind"];
async function event<K extends Kind>(run: Bench, kind: K): Promise<Extract<ExperimentEvent, { kind: K }> | undefined> {
  const events = (await run.journal.read(`experiment/${ID}`)).map((one) => one.event as ExperimentEvent);
  return events.find((one): one is Extract<ExperimentEvent, { kind: K }> => one.kind === kind);
}

describe("when the API server's clock is set back by an hour after the call", () => {
  test("the journal says how long the fault was active, and what comes after begins after it", async () => {
    const the = world();
    const run = await called(the, ABORT);
    await wait(run, MINUTE_MS);
    run.clock.setBy(-HOUR_MS);
    await wait(run, 4 * MINUTE_MS + 10 * SECOND_MS);
    expect(the.undone).toHaveLength(1);
    const { atMs = 0 } = (await event(run, "undone")) ?? {};
    expect(atMs - T0).toBeGreaterThanOrEqual(5 * MINUTE_MS);
    expect(atMs - T0).toBeLessThan(5 * MINUTE_MS + 10 * SECOND_MS);
    expect((await event(run, "cleared"))?.clearMs).toBeGreaterThanOrEqual(atMs);
  });

  test("also when it is set in the answer to the call", async () => {
    const the = world();
    const run = await bench(the);
    const own = run.deps.policyOf(experimentPlan())!;
    Object.assign(run.deps, { policyOf: () => ({ ...own, faults: [{ weight: 1, fault: ABORT }] }) });
    run.deps.injector.inject = async () => {
      run.clock.setBy(-HOUR_MS);
      return { kind: "injected" };
    };
    await run.step();
    await wait(run, 5 * MINUTE_MS + 10 * SECOND_MS);
    const { atMs = 0 } = (await event(run, "undone")) ?? {};
    expect(atMs - T0).toBeGreaterThanOrEqual(5 * MINUTE_MS);
    expect(atMs - T0).toBeLessThan(5 * MINUTE_MS + 10 * SECOND_MS);
  });

  test("a replacement that took long is not Ready since the call", async () => {
    const the = world();
    const run = await called(the);
    await wait(run, 30 * SECOND_MS);
    run.clock.setBy(-HOUR_MS);
    await wait(run, 5 * MINUTE_MS);
    replaced(the, T0 + 5 * MINUTE_MS - HOUR_MS);
    await wait(run, MINUTE_MS);
    expect((await event(run, "cleared"))?.clearMs).toBeGreaterThanOrEqual(T0 + 5 * MINUTE_MS);
  });

  test("one that seems Ready since after the call was seen missing later", async () => {
    const the = world();
    const run = await called(the);
    await wait(run, 3 * MINUTE_MS);
    run.clock.setBy(-2 * MINUTE_MS);
    await wait(run, 2 * MINUTE_MS);
    replaced(the, T0 + 3 * MINUTE_MS);
    await wait(run, MINUTE_MS);
    expect((await event(run, "cleared"))?.clearMs).toBeGreaterThanOrEqual(T0 + 5 * MINUTE_MS - 5 * SECOND_MS);
  });

  test("the verdict comes in its time, and not an hour later", async () => {
    const the = world();
    const run = await called(the);
    await wait(run, 10 * SECOND_MS);
    replaced(the, T0 + 9 * SECOND_MS);
    run.clock.setBy(-HOUR_MS);
    await wait(run, 30 * MINUTE_MS);
    expect(await run.kinds()).toContain("judged");
  });

  test("the abort rule asks for what happens now, and not for the hour before", async () => {
    const the = world();
    const asked: number[] = [];
    the.recent = (atMs) => {
      asked.push(atMs);
      return [{ service: "go-app/go-app", requests: 3_000, failures: 0 }];
    };
    const run = await called(the, ABORT, { abort: RULE });
    await wait(run, MINUTE_MS);
    run.clock.setBy(-HOUR_MS);
    asked.length = 0;
    await wait(run, MINUTE_MS);
    expect(asked.length).toBeGreaterThan(1);
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(T0 + MINUTE_MS);
  });

  test("a process that comes later cannot know when, and waits as long as anybody does", async () => {
    const the = world();
    const run = await called(the, ABORT);
    run.clock.setBy(-HOUR_MS);
    await run.clock.sleep(4 * MINUTE_MS, forever);
    const another = { ...run.deps, clock: { ...run.clock } };
    let looks = 0;
    await wait(run, 6 * MINUTE_MS, () => {
      looks += 1;
      return advance(another, ID, forever);
    });
    expect(looks).toBeLessThan(100);
    expect(the.undone).toHaveLength(1);
    expect((await event(run, "cleared"))?.clearMs).toBeGreaterThanOrEqual(T0 + 10 * MINUTE_MS);
  });
});

test("an hour forward: the fault was active until what the clock shows, for a machine may have slept", async () => {
  const the = world();
  const run = await called(the, ABORT);
  await wait(run, 5 * MINUTE_MS - SECOND_MS);
  run.clock.setBy(HOUR_MS);
  await wait(run, 10 * SECOND_MS);
  expect((await event(run, "undone"))?.atMs).toBeGreaterThanOrEqual(T0 + HOUR_MS);
});
