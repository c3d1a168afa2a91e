import { expect, test } from "vitest";
import { awaitInForce, IN_FORCE_WITHIN_MS } from "../../../src/app/policies/await-in-force.ts";
import { NEW_EXPERIMENT } from "../../../src/core/experiment/life.ts";
import type { ExperimentState, Phase } from "../../../src/core/model/experiment.ts";
import { SECOND_MS } from "../../../src/core/model/units.ts";
import type { NotedIntent } from "../../../src/ports/lease.ts";
import { handClock } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";

const never = new AbortController().signal;
const intent = (outcome: string | null): NotedIntent => ({
  ...{ experimentId: "p-1", t0Ms: T0, target: "pod-delete go-app/go-app-0", by: "worker" },
  outcome,
});
const state = (phase: Phase) => async (): Promise<ExperimentState> => ({ ...NEW_EXPERIMENT, phase });
const unread = () => Promise.reject(new Error("Redis is away"));

/** What is answered, and after how long. */
async function awaited(
  answers: (sinceMs: number) => NotedIntent | null | Error,
  experiment = unread as () => Promise<ExperimentState>,
) {
  const clock = handClock(T0);
  const lease = {
    lastIntent: async () => {
      const answer = answers(clock.realMs());
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { why: await awaitInForce({ clock, lease, experiment }, never), afterMs: clock.realMs() };
}

test.each([
  { name: "nobody ever injected", answer: null },
  { name: "the last intent has an outcome", answer: intent("injected") },
])("a halt is in force at once when $name", async ({ answer }) => {
  expect(await awaited(() => answer)).toEqual({ why: null, afterMs: 0 });
});

test("a halt is in force as soon as the call that was under way has its outcome", async () => {
  const { why, afterMs } = await awaited((sinceMs) => intent(sinceMs < 12 * SECOND_MS ? null : "not-injected"));
  expect(why).toBeNull();
  expect(afterMs).toBe(12 * SECOND_MS);
});

test("a halt is in force when the journal knows what became of the call", async () => {
  expect((await awaited(() => intent(null), state("observing"))).why).toBeNull();
});

test.each(["new", "planned", "chosen", "intended"] as const)(
  "a halt is not in force while an intent has no outcome, and its experiment is %s",
  async (phase) => {
    const { why, afterMs } = await awaited(() => intent(null), state(phase));
    expect(why).toContain("the intent of p-1 (pod-delete go-app/go-app-0) has no outcome yet");
    expect(afterMs).toBe(IN_FORCE_WITHIN_MS);
  },
);

test("a halt is not in force when nobody can tell", async () => {
  expect((await awaited(() => new Error("503"))).why).toContain("the lease cannot be read: 503");
  expect((await awaited(() => intent(null))).why).toContain("no outcome yet");
});
