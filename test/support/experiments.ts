import type { Choice, ExperimentEvent, ExperimentPlan } from "../../src/core/model/experiment.ts";
import type { Target } from "../../src/core/model/fault.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../src/core/model/policy.ts";
import { MINUTE_MS } from "../../src/core/model/units.ts";
import type { Judgement, SignalVerdict, VerdictKind } from "../../src/core/model/verdict.ts";

/** 6 March 2026, 09:15 UTC: a Friday. */
export const T0 = Date.parse("2026-03-06T09:15:00Z");

export function experimentPlan(changes: Partial<ExperimentPlan> = {}): ExperimentPlan {
  return {
    id: "go-app-pods-20260306T091500Z",
    policy: "go-app-pods",
    slotMs: T0,
    lateAfterMs: MINUTE_MS,
    seed: 7,
    sham: false,
    manual: false,
    candidates: { fromMs: T0 - 60 * MINUTE_MS, toMs: T0 + 60 * MINUTE_MS, count: 120 },
    geometry: {
      stepMs: MINUTE_MS,
      beforeMs: 10 * MINUTE_MS,
      earlyMs: 5 * MINUTE_MS,
      graceMs: 2 * MINUTE_MS,
      lateMs: 5 * MINUTE_MS,
    },
    minimumEffect: DEFAULT_MINIMUM_EFFECT,
    effects: [],
    ...changes,
  };
}

export function podChoice(): Choice {
  const pod = { namespace: "go-app", name: "go-app-db-7d9c5-x2x2x", uid: "11111111-2222-3333-4444-555555555555" };
  return {
    target: {
      workload: { kind: "Deployment", namespace: "go-app", name: "go-app-db" },
      services: ["go-app/go-app-db"],
      pods: [pod],
      node: null,
      zone: null,
    },
    fault: { kind: "pod-delete" },
    eligible: 3,
    ineligible: 1,
    drawn: "go-app/go-app-db",
  };
}

export const cleared = (clearMs: number): ExperimentEvent => ({ kind: "cleared", clearMs, how: "replaced" });

/** The life of an experiment that hit `target` at `atMs`; every service was steady afterwards. */
export function endedWell(target: Target, plan: Partial<ExperimentPlan>, atMs: number): readonly ExperimentEvent[] {
  return [
    { kind: "planned", plan: experimentPlan({ ...plan, slotMs: atMs }) },
    { kind: "chosen", choice: { ...podChoice(), target } },
    { kind: "intended", t0Ms: atMs },
    { kind: "injected", t0Ms: atMs },
    cleared(atMs + MINUTE_MS),
    { kind: "judged", judgement: judgementOf("steady"), provisional: false },
    { kind: "diagnosed", findings: [] },
    { kind: "notified", news: [] },
  ];
}

export function judgementOf(headline: VerdictKind): Judgement {
  return { verdicts: [], origin: null, headline, learning: false, notes: [], sourceRequests: 0 };
}

/** On the failures of `service`. */
export function verdictOn(service: string, kind: "steady" | "transient" | "persistent"): SignalVerdict {
  const verdict =
    kind === "transient" ? { kind, recoveredAfterMs: { point: 1, low: 1, high: 1, level: 0.95 } } : { kind };
  return {
    service,
    signal: "failures",
    verdict: verdict as SignalVerdict["verdict"],
    z: null,
    p: null,
    effect: null,
    onsetMs: null,
    minimumDetectable: null,
    learning: false,
    starved: false,
    requests: { before: 1, after: 1 },
  };
}
