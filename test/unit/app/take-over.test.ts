import { describe, expect, test } from "vitest";
import type { FollowHaltDeps } from "../../../src/app/policies/follow-halt.ts";
import { abandon } from "../../../src/app/worker/abandon.ts";
import { leftBehind, takeOver } from "../../../src/app/worker/take-over.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import type { ExperimentState } from "../../../src/core/model/experiment.ts";
import type { Fault } from "../../../src/core/model/fault.ts";
import type { Policy } from "../../../src/core/model/policy.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import type { Halt } from "../../../src/ports/lease.ts";
import { type Bench, bench, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;
const ABORT: Fault = { kind: "http-abort", durationMs: 5 * MINUTE_MS, httpStatus: 503, percent: 50 };
const DELETE: Fault = { kind: "pod-delete" };
const never = new AbortController().signal;

/** A run of `fault` that dies in the middle of its call: the cluster carries it out, or not. */
async function killedInItsCall(the: World, fault: Fault): Promise<Bench> {
  const run = await bench(the);
  const armed: Policy = { ...run.deps.policyOf(experimentPlan())!, faults: [{ weight: 1, fault }] };
  Object.assign(run.deps, { policyOf: () => armed });
  the.injection = new Error("killed in the call");
  await run.step();
  expect((await run.kinds()).at(-1)).toBe("intended");
  return run;
}

const followed = (run: Bench, halt: Halt | null = null): FollowHaltDeps => ({
  ...run.deps,
  haltWatch: { follow: async (seen) => seen(halt) },
});

async function takenOver(run: Bench, halt: Halt | null = null): Promise<readonly ExperimentState[]> {
  const waited: ExperimentState[] = [];
  await takeOver(followed(run, halt), (state) => void waited.push(state), never);
  return waited;
}

describe("a one-shot run takes over what a dead one left", () => {
  test("it waits until an active fault has had its time, and takes it back", async () => {
    const the = world();
    const run = await killedInItsCall(the, ABORT);
    the.wasDone = "done";
    expect(await takenOver(run)).toHaveLength(1);
    expect(the.undone).toHaveLength(1);
    expect(run.clock.nowMs()).toBeGreaterThanOrEqual(T0 + 5 * MINUTE_MS);
    expect(run.clock.nowMs()).toBeLessThan(T0 + 5 * MINUTE_MS + 10 * SECOND_MS);
    expect(await run.kinds()).toEqual(expect.arrayContaining(["injected-unsure", "undone"]));
    expect(await leftBehind(followed(run), never)).toEqual([]);
  });

  test("a fault whose time is over is taken back as soon as its intent is settled", async () => {
    const the = world();
    const run = await killedInItsCall(the, ABORT);
    the.wasDone = "done";
    run.clock.moveTo(T0 + 10 * MINUTE_MS);
    await takenOver(run);
    expect(the.undone).toHaveLength(1);
    expect(run.clock.nowMs()).toBeLessThan(T0 + 10 * MINUTE_MS + 30 * SECOND_MS);
  });

  test.each(["done", "not-done"] as const)(
    "an intent of a pod-delete that was %s gets its outcome",
    async (wasDone) => {
      const the = world();
      const run = await killedInItsCall(the, DELETE);
      the.wasDone = wasDone;
      await takenOver(run);
      expect(await run.kinds()).toContain(wasDone === "done" ? "injected-unsure" : "not-injected");
      expect(the.orders).toHaveLength(1);
      expect(await leftBehind(followed(run), never)).toEqual([]);
    },
  );

  test("a cluster that cannot tell is asked for ten minutes, and the fault is taken back in any case", async () => {
    const the = world();
    const run = await killedInItsCall(the, ABORT);
    the.wasDone = "cannot-tell";
    await takenOver(run);
    expect(the.undone).toHaveLength(1);
  });

  test("a fault that cannot be taken back is given up at some time, and said to be left", async () => {
    const the = world();
    const run = await killedInItsCall(the, ABORT);
    the.wasDone = "done";
    run.deps.injector.undo = () => Promise.reject(new AftershockError("cluster-unavailable", "no answer"));
    await takenOver(run);
    expect(run.clock.nowMs()).toBeLessThan(T0 + 21 * MINUTE_MS);
    expect(await leftBehind(followed(run), never)).toEqual([`experiment ${ID}: its http-abort is active`]);
  });

  test("a halt that nobody saw takes the fault back at once", async () => {
    const the = world();
    const run = await killedInItsCall(the, ABORT);
    the.wasDone = "done";
    await takenOver(run, { why: "incident", by: "ada", atMs: T0 });
    expect(the.undone.length).toBeGreaterThanOrEqual(1);
    expect(run.clock.nowMs()).toBeLessThan(T0 + MINUTE_MS);
  });

  test("a policy that was lowered while nobody was there takes the fault back at once", async () => {
    const the = world();
    const run = await killedInItsCall(the, ABORT);
    the.wasDone = "done";
    const settings = run.deps.settings();
    const lowered = settings.policies.map((one) => ({ ...one, mode: "sham" as const }));
    Object.assign(run.deps, { settings: () => ({ ...settings, policies: lowered }) });
    await takenOver(run);
    expect(the.undone.length).toBeGreaterThanOrEqual(1);
    expect(run.clock.nowMs()).toBeLessThan(T0 + MINUTE_MS);
  });

  test("an experiment that another process is about to begin is left to it", async () => {
    const the = world();
    const run = await bench(the);
    await takenOver(run);
    expect(await run.kinds()).toEqual(["planned"]);
    expect(the.orders).toEqual([]);
  });

  test("one that its process never began is missed, not made up for", async () => {
    const the = world();
    const run = await bench(the);
    run.clock.moveTo(T0 + 2 * MINUTE_MS);
    await takenOver(run);
    expect(await run.kinds()).toEqual(["planned", "missed"]);
  });

  test("an experiment that cannot be gone on with keeps nobody from the others", async () => {
    const the = world();
    const run = await killedInItsCall(the, ABORT);
    the.wasDone = "done";
    const { book } = run.deps;
    const broken = { ...(await book.open())[0]!, plan: experimentPlan({ id: "broken" }), phase: "judged" as const };
    Object.assign(run.deps, {
      book: {
        ...book,
        open: async () => [broken, ...(await book.open())],
        experiment: (id: string) => (id === "broken" ? Promise.reject(new Error("unreadable")) : book.experiment(id)),
      },
    });
    Object.assign(broken, { choice: null });
    await takenOver(run);
    expect(the.undone).toHaveLength(1);
  });
});

describe("what is left", () => {
  test("an intent without an outcome is left", async () => {
    const run = await killedInItsCall(world(), DELETE);
    expect(await leftBehind(followed(run), never)).toEqual([
      `experiment ${ID}: nobody knows yet whether its pod-delete was done`,
    ]);
  });

  test("what a sweep could not look for or take back is left", async () => {
    const run = await bench(world());
    run.deps.injector.sweep = async (_nowMs, _alive, _signal, left) => {
      left?.("faults of kind http-abort could not be looked for");
      return [];
    };
    expect(await leftBehind(followed(run), never)).toEqual(["faults of kind http-abort could not be looked for"]);
  });

  test("a journal that does not answer may hide something", async () => {
    const run = await bench(world());
    Object.assign(run.deps, { book: { ...run.deps.book, open: () => Promise.reject(new Error("no answer")) } });
    expect(await leftBehind(followed(run), never)).toEqual(["cannot tell whether a fault is still active: no answer"]);
  });
});

describe("a run that must end in the middle of an experiment", () => {
  const why = { why: "its run ended: stopped by SIGTERM", by: "aftershock run" };

  test("takes its active fault back and writes down why", async () => {
    const the = world();
    const run = await killedInItsCall(the, ABORT);
    the.wasDone = "done";
    await abandon(run.deps, ID, await run.deps.book.experiment(ID), why, never);
    expect(the.undone.length).toBeGreaterThanOrEqual(1);
    expect((await run.kinds()).filter((kind) => ["injected-unsure", "cancelled", "undone"].includes(kind))).toEqual([
      "cancelled",
      "injected-unsure",
      "undone",
    ]);
  });

  test("gives the intent of a pod-delete its outcome", async () => {
    const the = world();
    const run = await killedInItsCall(the, DELETE);
    the.wasDone = "not-done";
    await abandon(run.deps, ID, await run.deps.book.experiment(ID), why, never);
    expect(await run.kinds()).toContain("not-injected");
  });

  test("takes its fault back without the journal, too", async () => {
    const the = world();
    const run = await killedInItsCall(the, ABORT);
    const last = await run.deps.book.experiment(ID);
    const limit = new AbortController();
    const noJournal = { ...run.deps.book, experiment: () => Promise.reject(new Error("no answer")) };
    run.deps.injector.undo = async (order) => {
      the.undone.push(order);
      if (the.undone.length === 2) limit.abort();
    };
    await abandon({ ...run.deps, book: noJournal }, ID, last, why, limit.signal);
    expect(the.undone.map((order) => order.experimentId)).toEqual([ID, ID]);
  });

  test("takes its fault back while the journal does not answer at all, and says on the lease that it acted", async () => {
    const the = world();
    the.wasDone = "done";
    const run = await killedInItsCall(the, ABORT);
    const last = await run.deps.book.experiment(ID);
    const limit = new AbortController();
    run.deps.injector.undo = async (order) => {
      the.undone.push(order);
      limit.abort();
    };
    const unanswered = Promise.withResolvers<never>();
    const silent = { ...run.deps.book, experiment: () => unanswered.promise };
    await abandon({ ...run.deps, book: silent }, ID, last, why, limit.signal);
    unanswered.reject(new Error("no answer"));
    expect(the.undone.map((order) => order.experimentId)).toEqual([ID]);
    expect(the.settled.get(ID)).toBe("unsure");
  });

  test("leaves one whose pod is gone to the next run", async () => {
    const the = world();
    const run = await bench(the);
    await run.step();
    const before = await run.kinds();
    await abandon(run.deps, ID, await run.deps.book.experiment(ID), why, never);
    expect(await run.kinds()).toEqual(before);
  });
});
