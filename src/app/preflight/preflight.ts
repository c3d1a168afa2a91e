import type { PreflightFacts } from "./facts.ts";
import type { Gate } from "./gate.ts";
import { activeExperimentGate } from "./gates/active-experiment.ts";
import { alertsGate } from "./gates/alerts.ts";
import { autoscalerGate } from "./gates/autoscaler.ts";
import { blastRadiusGate } from "./gates/blast-radius.ts";
import { budgetGate } from "./gates/budget.ts";
import { calendarGate } from "./gates/calendar.ts";
import { cooldownGate } from "./gates/cooldown.ts";
import { degradedGate } from "./gates/degraded.ts";
import { dependenciesGate } from "./gates/dependencies.ts";
import { disruptionBudgetGate } from "./gates/disruption-budget.ts";
import { faultGate } from "./gates/fault.ts";
import { haltGate } from "./gates/halt.ts";
import { impactBudgetGate } from "./gates/impact-budget.ts";
import { latenessGate } from "./gates/lateness.ts";
import { leaseGate } from "./gates/lease.ts";
import { metricsGate } from "./gates/metrics.ts";
import { modeGate } from "./gates/mode.ts";
import { nodePressureGate } from "./gates/node-pressure.ts";
import { openDamageGate } from "./gates/open-damage.ts";
import { podsGate } from "./gates/pods.ts";
import { replicasGate } from "./gates/replicas.ts";
import { rightsGate } from "./gates/rights.ts";
import { rolloutGate } from "./gates/rollout.ts";
import { scopeGate } from "./gates/scope.ts";

type MakeGate = (facts: PreflightFacts) => Gate;

/**
 * In the order in which they are asked: what costs nothing first, then what asks the metrics
 * source, then the API server; the lease last.
 */
const GATES: readonly MakeGate[] = [
  haltGate,
  modeGate,
  faultGate,
  latenessGate,
  calendarGate,
  scopeGate,
  dependenciesGate,
  activeExperimentGate,
  openDamageGate,
  budgetGate,
  impactBudgetGate,
  cooldownGate,
  replicasGate,
  rolloutGate,
  autoscalerGate,
  blastRadiusGate,
  disruptionBudgetGate,
  podsGate,
  nodePressureGate,
  metricsGate,
  alertsGate,
  degradedGate,
  rightsGate,
  leaseGate,
];

/** What takes its time to answer. */
const SLOW: readonly MakeGate[] = [nodePressureGate, metricsGate, alertsGate, degradedGate, rightsGate];

/** And the lease, which is taken, or the intent written on it, at the same time as the look. */
const NOT_AGAIN: readonly MakeGate[] = [...SLOW, leaseGate];

/**
 * All gates of one experiment. Ask them with `firstClosed` before injecting, with `allClosed` to
 * explain.
 */
export const preflightGates = (facts: PreflightFacts): readonly Gate[] => GATES.map((gate) => gate(facts));

/** Those of them that are asked only once and wait for somebody: all may be asked at a time. */
export const slowGates = (facts: PreflightFacts): readonly Gate[] => SLOW.map((gate) => gate(facts));

/** Those of them that are asked again just before the call. */
export const lastLookGates = (facts: PreflightFacts): readonly Gate[] =>
  GATES.filter((gate) => !NOT_AGAIN.includes(gate)).map((gate) => gate(facts));
