import { describe, expect, test } from "vitest";
import type { Pod } from "../../../src/core/model/cluster.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Bench, bench, replaced, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;

test("a moment after the call nobody asks whether the pods are back", async () => {
  const the = world();
  const run = await bench(the);
  await run.step();
  replaced(the, T0 + 4 * SECOND_MS);
  await run.step();
  expect((await run.kinds()).at(-1)).toBe("injected");
});

/** Kinds of events, once a pod was deleted and `work` was done with the cluster. */
async function deleted(work: (the: World, run: Bench) => void): Promise<readonly string[]> {
  const the = world();
  const run = await bench(the);
  await run.step();
  run.clock.moveTo(T0 + 10 * SECOND_MS);
  work(the, run);
  await run.step();
  return run.kinds();
}

const withPods = (the: World, change: (pod: Pod) => Pod | null): void => {
  the.cluster = { ...the.cluster, pods: the.cluster.pods.flatMap((pod) => change(pod) ?? []) };
};
const isHit = (the: World, { uid }: Pod): boolean =>
  the.orders.some(({ target }) => target.pods.some((one) => one.uid === uid));

describe("which pod is new says its uid, when the API server's clock is set", () => {
  test("back by an hour after the call: what comes looks older than the call", async () => {
    const kinds = await deleted((the, run) => {
      replaced(the, T0 + 9 * SECOND_MS - HOUR_MS);
      run.clock.setBy(-HOUR_MS);
    });
    expect(kinds.at(-1)).toBe("cleared");
  });

  test("back by an hour before the call: what stayed looks younger than the call", async () => {
    const kinds = await deleted((the) =>
      withPods(the, (pod) => (isHit(the, pod) ? null : { ...pod, createdAtMs: T0 + 30 * MINUTE_MS })),
    );
    expect(kinds.at(-1)).toBe("injected");
  });

  test("and without what was there before, its creation time", async () => {
    const cleared = async (readyMs: number) => {
      const the = world();
      const run = await bench(the);
      run.deps.archive.snapshot = async () => null;
      await run.step();
      run.clock.moveTo(T0 + 10 * SECOND_MS);
      replaced(the, readyMs);
      await run.step();
      return (await run.kinds(ID)).includes("cleared");
    };
    expect(await cleared(T0 + 9 * SECOND_MS)).toBe(true);
    expect(await cleared(T0 - MINUTE_MS)).toBe(false);
  });
});
