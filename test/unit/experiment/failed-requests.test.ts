import { expect, test } from "vitest";
import { failedRequests } from "../../../src/core/experiment/failed-requests.ts";
import { replay } from "../../../src/core/experiment/life.ts";
import { endMs } from "../../../src/core/experiment/next.ts";
import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import type { SignalVerdict } from "../../../src/core/model/verdict.ts";
import { cleared, experimentPlan, judgementOf, podChoice, T0, verdictOn } from "../../support/experiments.ts";
import { failureEffect } from "../../support/story.ts";

/** Watched for ten minutes: until 09:25. Half of the 6,000 requests of these minutes failed. */
const experiment = (
  kind: "steady" | "transient" | "persistent",
  changes: Partial<SignalVerdict> = {},
  ...later: ExperimentEvent[]
) =>
  replay([
    { kind: "planned", plan: experimentPlan() },
    { kind: "chosen", choice: podChoice() },
    { kind: "intended", t0Ms: T0 },
    { kind: "injected", t0Ms: T0 },
    cleared(T0 + 3 * MINUTE_MS),
    {
      kind: "judged",
      provisional: false,
      judgement: {
        ...judgementOf(kind),
        verdicts: [
          {
            ...verdictOn("go-app/go-app", kind),
            effect: failureEffect(0, 0.5, 3_000),
            requests: { before: 6_000, after: 6_000 },
            ...changes,
          },
        ],
        concerned: ["go-app/go-app"],
      },
    },
    { kind: "diagnosed", findings: [] },
    { kind: "notified", news: [] },
    ...later,
  ]);
const failed = (state: ReturnType<typeof experiment>, nowMs = T0 + 10 * MINUTE_MS) =>
  Object.fromEntries(failedRequests(state, nowMs));

test("failures beyond what was expected count for the service that had them", () => {
  expect(failed(experiment("transient"), T0 + HOUR_MS)).toEqual({ "go-app/go-app": 3_000 });
});

test("what did not get worse, and who had nothing to do with it, count for nothing", () => {
  expect(failed(experiment("steady"))).toEqual({});
  expect(failed(experiment("transient", { signal: "latency" }))).toEqual({});
  expect(failed(experiment("transient", { service: "shop/cart" }))).toEqual({});
  expect(failed(experiment("transient", { effect: null }))).toEqual({});
});

test("damage that outlasts its observation goes on failing until it is over", () => {
  const open = experiment("persistent");
  expect(endMs(open)).toBe(T0 + 10 * MINUTE_MS);
  expect(failed(open)).toEqual({ "go-app/go-app": 3_000 });
  expect(failed(open, T0 + 70 * MINUTE_MS)).toEqual({ "go-app/go-app": 21_000 });
  const over: ExperimentEvent = {
    kind: "recovered",
    recoveredMs: T0 + 20 * MINUTE_MS,
    afterMs: 20 * MINUTE_MS,
    cure: null,
  };
  expect(failed(experiment("persistent", {}, over), T0 + 70 * MINUTE_MS)).toEqual({ "go-app/go-app": 6_000 });
  const closed: ExperimentEvent = { kind: "closed", why: "fixed", by: "ada" };
  expect(failed(experiment("persistent", {}, closed), T0 + 70 * MINUTE_MS)).toEqual({ "go-app/go-app": 3_000 });
});

test("a service that got better, or an experiment without a verdict, takes nothing off", () => {
  expect(failed(experiment("transient", { effect: failureEffect(0.5, 0, -3_000) }))).toEqual({ "go-app/go-app": 0 });
  expect(failed(replay([{ kind: "planned", plan: experimentPlan() }]))).toEqual({});
});
