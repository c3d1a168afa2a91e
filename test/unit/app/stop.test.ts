import { describe, expect, test } from "vitest";
import { changeModes } from "../../../src/app/policies/change-modes.ts";
import { followHalt } from "../../../src/app/policies/follow-halt.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import type { Policy } from "../../../src/core/model/policy.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import type { Halt, HaltWatch } from "../../../src/ports/lease.ts";
import { type Bench, bench, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { policy } from "../../support/policies.ts";

const ID = experimentPlan().id;
const HALT: Halt = { why: "incident 4711", by: "ada", atMs: T0 };
const ABORT = { kind: "http-abort", durationMs: 5 * MINUTE_MS, httpStatus: 503, percent: 50 } as const;
const never = new AbortController().signal;

/** An experiment whose fault stands for five minutes. */
async function standing(the: World): Promise<Bench> {
  const run = await bench(the);
  const armed: Policy = { ...run.deps.policyOf(experimentPlan())!, faults: [{ weight: 1, fault: ABORT }] };
  Object.assign(run.deps, { policyOf: () => armed });
  await run.step();
  run.clock.moveTo(T0 + 30 * SECOND_MS);
  return run;
}

/** A switch that is moved by hand, once all that follows from the last move is done. */
function handWatch(...moves: readonly (Halt | null)[]): HaltWatch {
  return {
    async follow(seen) {
      for (const move of moves) seen(move);
    },
  };
}
/** Kinds of the events that tell how the fault ended. */
const ending = async (run: Bench) =>
  (await run.kinds()).filter((kind) => ["injected-unsure", "cancelled", "undone"].includes(kind));
const operations = (run: Bench) =>
  run.journal
    .entries()
    .filter((entry) => entry.stream.startsWith("operations/"))
    .map((entry) => entry.event);

describe("a halt", () => {
  test("undoes active faults within a second, and says who and why in the journal", async () => {
    const the = world();
    const run = await standing(the);
    await followHalt({ ...run.deps, haltWatch: handWatch(null, HALT) }, never);
    expect(the.undone).toHaveLength(1);
    const entries = await run.journal.read(`experiment/${ID}`);
    const events = entries.map((entry) => entry.event);
    expect(events).toContainEqual({ kind: "cancelled", why: "halted: incident 4711", by: "ada" });
    expect(entries.find((entry) => entry.event.kind === "undone")?.atMs).toBeLessThanOrEqual(T0 + 31 * SECOND_MS);
    expect(operations(run)).toEqual([{ kind: "halted", why: "incident 4711", by: "ada" }]);
  });

  test("that stood before the process began counts, too", async () => {
    const the = world();
    const run = await standing(the);
    await followHalt({ ...run.deps, haltWatch: handWatch(HALT) }, never);
    expect(the.undone).toHaveLength(1);
  });

  test("tries again until it is undone", async () => {
    const the = world();
    const run = await standing(the);
    let failures = 3;
    run.deps.injector.undo = async (order) => {
      if (failures-- > 0) throw new AftershockError("cluster-conflict", "somebody else changed it");
      the.undone.push(order);
    };
    await followHalt({ ...run.deps, haltWatch: handWatch(HALT) }, never);
    expect(the.undone).toHaveLength(1);
    expect(await ending(run)).toEqual(["cancelled", "undone"]);
  });

  test("undoes an order that has no answer yet at once, and again when it is known to have been done", async () => {
    const the = world();
    the.injection = new Error("the answer is lost");
    the.wasDone = "done";
    const run = await standing(the);
    expect((await run.kinds()).at(-1)).toBe("intended");
    await followHalt({ ...run.deps, haltWatch: handWatch(HALT) }, never);
    expect(the.undone.length).toBeGreaterThanOrEqual(1);
    expect(await ending(run)).toEqual(["cancelled", "injected-unsure", "undone"]);
  });

  test("cuts off whatever is being done with the experiment at that moment", async () => {
    const the = world();
    const run = await standing(the);
    const hanging = Promise.withResolvers<void>();
    run.deps.injector.undo = (_order, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        hanging.resolve();
      });
    run.clock.moveTo(T0 + 5 * MINUTE_MS);
    const stuck = run.step();
    await hanging.promise;
    run.deps.injector.undo = async (order) => void the.undone.push(order);
    await followHalt({ ...run.deps, haltWatch: handWatch(HALT) }, never);
    expect(the.undone).toHaveLength(1);
    expect(await stuck).toBeGreaterThan(T0);
  });

  test("cuts off a preparation whose call has not gone out", async () => {
    const the = world();
    const run = await bench(the);
    const looking = Promise.withResolvers<void>();
    run.deps.cluster.lookAgain = (_workloads, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        looking.resolve();
      });
    const stuck = run.step();
    await looking.promise;
    await followHalt({ ...run.deps, haltWatch: handWatch(HALT) }, AbortSignal.timeout(500));
    await stuck;
    const { phase, refusal } = await run.deps.book.experiment(ID);
    expect([phase, refusal?.gate, the.orders.length]).toEqual(["refused", "halt", 0]);
  });

  test("takes back everything of ours that the cluster knows while the journal is away", async () => {
    const the = world();
    const run = await standing(the);
    const spared: boolean[] = [];
    run.deps.injector.sweep = async (_nowMs, alive) => {
      spared.push(alive(ID));
      return ["fault in VirtualService go-app/go-app undone"];
    };
    let outage = 2;
    const open = run.deps.book.open;
    Object.assign(run.deps.book, {
      open: async () => {
        if (outage-- > 0) throw new AftershockError("storage-unavailable", "away");
        return open();
      },
    });
    await followHalt({ ...run.deps, haltWatch: handWatch(HALT) }, never);
    expect(spared).toEqual([false, false]);
    expect(await ending(run)).toEqual(["cancelled", "undone"]);
  });

  test("does not touch an experiment of which nothing stands", async () => {
    const the = world();
    const run = await bench(the);
    await run.step();
    await followHalt({ ...run.deps, haltWatch: handWatch(HALT) }, never);
    expect(await run.kinds()).toEqual(["planned", "chosen", "intended", "injected"]);
  });

  test("and its end are written down once, however many replicas see them", async () => {
    const run = await bench(world());
    await followHalt({ ...run.deps, haltWatch: handWatch(null, HALT) }, never);
    await followHalt({ ...run.deps, haltWatch: handWatch(HALT, null) }, never);
    await followHalt({ ...run.deps, haltWatch: handWatch(null) }, never);
    expect(operations(run).map((event) => event.kind)).toEqual(["halted", "resumed"]);
  });
});

describe("a lower mode", () => {
  test.each([
    { name: "of the policy", after: [policy({ mode: "sham" })], mode: "sham" },
    { name: "that is no policy at all", after: [], mode: "removed" },
  ])("$name stops and undoes active faults, and is written down", async ({ after, mode }) => {
    const the = world();
    const run = await standing(the);
    await changeModes(run.deps, [policy()], after, "file", never);
    expect(the.undone).toHaveLength(1);
    expect(await ending(run)).toEqual(["cancelled", "undone"]);
    expect(operations(run)).toEqual([{ kind: "armed", policy: "go-app-pods", mode }]);
  });

  test("of another policy leaves it standing", async () => {
    const the = world();
    const run = await standing(the);
    const other = policy({ name: "other" });
    await changeModes(run.deps, [policy(), other], [policy(), { ...other, mode: "observe" }], "file", never);
    expect(the.undone).toHaveLength(0);
  });

  test("is none when a policy is armed: that is written down alone", async () => {
    const the = world();
    const run = await standing(the);
    await changeModes(run.deps, [policy({ mode: "sham" })], [policy()], "file", never);
    expect(the.undone).toHaveLength(0);
    expect(operations(run)).toEqual([{ kind: "armed", policy: "go-app-pods", mode: "inject" }]);
  });
});
