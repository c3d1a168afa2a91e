import { expect, test } from "vitest";
import { sweep } from "../../../src/app/worker/sweep.ts";
import type { FaultInjector } from "../../../src/ports/faults.ts";
import { bench, world } from "../../support/app.ts";
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
