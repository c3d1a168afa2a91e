import { failedRequests } from "../../core/experiment/failed-requests.ts";
import { damagedServices, hasOpenDamage } from "../../core/experiment/life.ts";
import { overdueSince } from "../../core/experiment/next.ts";
import { EVIDENCE_REACH_MS } from "../../core/experiment/suspects.ts";
import type { CallEdge, ClusterSnapshot } from "../../core/model/cluster.ts";
import type { Choice, ExperimentId, ExperimentPlan, ExperimentState } from "../../core/model/experiment.ts";
import type { Policy } from "../../core/model/policy.ts";
import { DAY_MS } from "../../core/model/units.ts";
import type { PastInjection } from "../../core/targeting/facts.ts";
import type { AlertSource } from "../../ports/alerts.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { HaltSwitch, Lease } from "../../ports/lease.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import type { WhyNotRouted } from "../../ports/routes.ts";
import type { Book } from "../records/experiment-reader.ts";
import type { PreflightFacts } from "./facts.ts";
import type { Settings } from "./settings.ts";

export interface FactsDeps {
  readonly clock: Clock;
  readonly cluster: ClusterReader;
  readonly metrics: MetricsSource;
  readonly alerts: AlertSource;
  readonly halt: HaltSwitch;
  readonly lease: Lease;
  readonly book: Book;
  /** The configuration that holds now. */
  settings(): Settings;
  /**
   * The policy as this experiment has it: narrowed to a target or a fault when a person asked for
   * one. Null: it was removed.
   */
  policyOf(plan: ExperimentPlan): Policy | null;
}

/** What was read before the target was chosen. */
export interface Around {
  readonly snapshot: ClusterSnapshot;
  /** Experiments of the last months. */
  readonly states: readonly ExperimentState[];
  readonly past: readonly PastInjection[];
  readonly edges: readonly CallEdge[];
  /** Absent: the policy has no fault of HTTP. */
  readonly whyNotRouted?: WhyNotRouted;
}

export interface Seen extends Pick<Around, "snapshot" | "past" | "edges"> {
  /** By the real counter, ms: what was asked since then need not be asked again. */
  readonly freshSinceMs: number;
}

/**
 * Everything that the gates look at, as configuration and journal say it now, with the cluster as
 * it was seen.
 */
export async function gatherFacts(
  deps: FactsDeps,
  plan: ExperimentPlan,
  policy: Policy,
  choice: Choice,
  { snapshot, past, edges, freshSinceMs }: Seen,
): Promise<PreflightFacts> {
  const settings = deps.settings();
  const open = await deps.book.open();
  const nowMs = deps.clock.nowMs();
  const known = new Set(past.map((one) => one.experimentId));
  const newer = open.flatMap((state) => pastInjectionOf(state, nowMs));
  return {
    policy,
    plan,
    choice,
    snapshot,
    nowMs: () => deps.clock.nowMs(),
    past: [...past, ...newer.filter((one) => !known.has(one.experimentId))],
    openDamage: open.filter(hasOpenDamage).map((state) => ({
      experimentId: state.plan?.id ?? "",
      services: damagedServices(state),
    })),
    active: open.filter(isActive).flatMap((state) => state.plan?.id ?? []),
    extended: new Map(open.flatMap(({ plan, extension }) => (plan && extension ? [[plan.id, extension]] : []))),
    unjudged: new Map(open.flatMap((state) => unjudgedSince(state, nowMs))),
    edges,
    calendar: settings.calendar,
    protectedNamespaces: settings.protectedNamespaces,
    dependencies: settings.dependencies,
    limits: settings.limits,
    halt: deps.halt,
    freshSinceMs,
    lease: deps.lease,
    metrics: deps.metrics,
    cluster: deps.cluster,
    alerts: settings.alerts === null ? null : { source: deps.alerts, selector: settings.alerts },
  };
}

/** Experiments of this long ago still count for staleness, budgets and repeats. */
const PAST_REACH_MS = EVIDENCE_REACH_MS;

/** Experiments of the last months, and what they did. Rejects while the journal is away. */
export async function readPast(book: Book, nowMs: number): Promise<Pick<Around, "states" | "past">> {
  const states = await book.between(nowMs - PAST_REACH_MS, nowMs + DAY_MS);
  return { states, past: states.flatMap((state) => pastInjectionOf(state, nowMs)) };
}

/** An experiment that got as far as its injection, for budgets, cooldown and staleness. */
export function pastInjectionOf(state: ExperimentState, nowMs: number): PastInjection[] {
  const { plan, choice, t0Ms } = state;
  if (plan === null || choice === null || t0Ms === null || state.injection === "not-injected") return [];
  return [
    {
      experimentId: plan.id,
      policy: plan.policy,
      atMs: t0Ms,
      sham: plan.sham,
      fault: choice.fault.kind,
      workload: choice.target.workload,
      services: choice.target.services,
      findings: state.findings.filter((finding) => finding.status !== "fixed").length,
      failed: failedRequests(state, nowMs),
    },
  ];
}

/**
 * Between its injection and its verdict, which may say that it is observed for longer, or that
 * damage is open. Without a verdict its damage is not known.
 */
function isActive({ phase }: ExperimentState): boolean {
  return ["intended", "observing", "cleared", "judged", "diagnosed"].includes(phase);
}

function unjudgedSince(state: ExperimentState, nowMs: number): [ExperimentId, number][] {
  const dueMs = overdueSince(state, nowMs);
  return state.plan === null || dueMs === null ? [] : [[state.plan.id, dueMs]];
}
