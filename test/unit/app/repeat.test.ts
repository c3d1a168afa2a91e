import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/experiment/advance.ts";
import type { ExperimentPlan } from "../../../src/core/model/experiment.ts";
import { DAY_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { bench, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { policy } from "../../support/policies.ts";
import { experimentEvents, idOf, STEADY, TRANSIENT } from "../../support/week.ts";

const SUSPECTED_MS = T0 - 2 * DAY_MS;
const signal = new AbortController().signal;

/**
 * The choice of a slot after an experiment on go-app two days ago was suspicious, with repeats
 * allowed so often.
 */
async function choiceAfter(judged: typeof TRANSIENT, confirmations: number, seed: number, the: World = world()) {
  const plan: Partial<ExperimentPlan> = { seed };
  const run = await bench(the, plan);
  const events = experimentEvents({ slotMs: SUSPECTED_MS, on: "go-app", judged });
  const at = { atMs: SUSPECTED_MS, indexMs: SUSPECTED_MS, open: false };
  await run.journal.append(`experiment/${idOf(SUSPECTED_MS)}`, 0, events, at);
  const { limits } = policy();
  const deps = {
    ...run.deps,
    policyOf: () =>
      policy({ limits: { ...limits, maxUnavailable: { unit: "percent", value: 100 }, minAgeMs: 0, confirmations } }),
  };
  await advance(deps, experimentPlan().id, signal);
  return (await deps.book.experiment(experimentPlan().id)).choice;
}

/** Of these seeds, some use the slot for a repeat. */
const SEEDS = Array.from({ length: 12 }, (_, i) => i);
const repeated = async (judged: typeof TRANSIENT, confirmations: number, the?: World) => {
  const choices = [];
  for (const seed of SEEDS) choices.push(await choiceAfter(judged, confirmations, seed, the && { ...the, orders: [] }));
  return choices.filter((choice) => choice?.confirms !== undefined);
};

describe("a regular slot", () => {
  test("repeats what is suspected, and writes down what and why", async () => {
    const choices = await repeated(TRANSIENT, 3);
    expect(choices.length).toBeGreaterThan(0);
    expect(choices.length).toBeLessThan(SEEDS.length);
    for (const choice of choices) {
      expect(choice).toMatchObject({
        confirms: { of: idOf(SUSPECTED_MS), why: "suspected" },
        fault: { kind: "pod-delete" },
        target: { workload: { name: "go-app" } },
      });
    }
  });

  test.each([
    { name: "nothing is suspected", judged: STEADY, confirmations: 3 },
    { name: "repeats are switched off", judged: TRANSIENT, confirmations: 0 },
  ])("goes on as ever when $name", async ({ judged, confirmations }) =>
    expect(await repeated(judged, confirmations)).toEqual([]),
  );

  test("is used for another workload when the suspect may not be hit now", async () => {
    const the = world();
    const rolling = the.cluster.workloads.map((one) =>
      one.name === "go-app" ? { ...one, rollout: "1 of 2 updated" } : one,
    );
    the.cluster = { ...the.cluster, workloads: rolling, takenAtMs: T0 - MINUTE_MS };
    for (const seed of SEEDS) {
      const choice = await choiceAfter(TRANSIENT, 3, seed, { ...the, orders: [] });
      expect(choice?.confirms).toBeUndefined();
      expect(choice?.target.workload.name).not.toBe("go-app");
    }
  });
});
