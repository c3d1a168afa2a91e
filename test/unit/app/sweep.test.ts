import { describe, expect, test } from "vitest";
import { sweep } from "../../../src/app/worker/sweep.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import type { FaultInjector } from "../../../src/ports/faults.ts";
import { bench, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;
const never = new AbortController().signal;

/** A cluster in which one fault stands, and what is done while it is listed. */
function standing(id: string, meanwhile: () => Promise<unknown> = async () => undefined) {
  const undone: string[] = [];
  let stands = true;
  const injector: Pick<FaultInjector, "sweep"> = {
    async sweep(nowMs, alive) {
      await meanwhile();
      if (!stands || nowMs !== T0 || alive(id)) return [];
      stands = false;
      undone.push(id);
      return [`fault of ${id}`];
    },
  };
  return { injector, undone };
}

test("a fault whose experiment began while the sweep was looking is left alone", async () => {
  const run = await bench(world());
  // not open yet when the sweep looks at the journal, and standing when it looks at the cluster
  const book = { ...run.deps.book, open: async () => [] };
  const { injector, undone } = standing(ID, () => run.step());
  await sweep({ ...run.deps, book, injector: { ...run.deps.injector, ...injector } }, never);
  expect(undone).toEqual([]);
});

test("a fault of an experiment that nobody knows is taken back", async () => {
  const run = await bench(world());
  const { injector, undone } = standing("gone-20260306T081500Z");
  await sweep({ ...run.deps, injector: { ...run.deps.injector, ...injector } }, never);
  expect(undone).toEqual(["gone-20260306T081500Z"]);
});

test("a fault of an experiment that has ended is taken back", async () => {
  const the = world();
  the.halted = true;
  const run = await bench(the);
  await run.step();
  const { injector, undone } = standing(ID);
  await sweep({ ...run.deps, injector: { ...run.deps.injector, ...injector } }, never);
  expect(await run.kinds()).toContain("refused");
  expect(undone).toEqual([ID]);
});

describe("an expired fault of an intent without an outcome", () => {
  const LASTS_MS = 5 * MINUTE_MS;

  /** Whoever called it is dead; what is taken back can no longer be seen. */
  async function swept(the: World, afterMs: number) {
    the.faults = [{ fault: { kind: "http-abort", durationMs: LASTS_MS, httpStatus: 503, percent: 50 }, weight: 1 }];
    the.injection = new Error("the answer is lost");
    const run = await bench(the);
    await run.step();
    run.clock.moveTo(T0 + afterMs);
    const injector: Pick<FaultInjector, "sweep"> = {
      async sweep(nowMs) {
        if (nowMs < T0 + LASTS_MS + MINUTE_MS) return [];
        the.wasDone = "not-done";
        return ["the fault"];
      },
    };
    await sweep({ ...run.deps, injector: { ...run.deps.injector, ...injector } }, never);
    return run;
  }

  test("is written down as having acted before it is taken back", async () => {
    const run = await swept({ ...world(), wasDone: "done" }, LASTS_MS + 2 * MINUTE_MS);
    expect((await run.kinds()).at(-1)).toBe("injected-unsure");
  });

  test.each([
    { name: "that did not act", wasDone: "not-done" as const, afterMs: LASTS_MS + 2 * MINUTE_MS },
    { name: "whose time is not over", wasDone: "done" as const, afterMs: MINUTE_MS },
    { name: "of which the cluster cannot tell", wasDone: "cannot-tell" as const, afterMs: LASTS_MS + 2 * MINUTE_MS },
  ])("$name is not", async ({ wasDone, afterMs }) => {
    const run = await swept({ ...world(), wasDone }, afterMs);
    expect((await run.kinds()).at(-1)).toBe("intended");
  });
});
