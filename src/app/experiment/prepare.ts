import { failedRequests } from "../../core/experiment/failed-requests.ts";
import { damagedServices } from "../../core/experiment/life.ts";
import { judgeAtMs } from "../../core/experiment/next.ts";
import { type Repeat, repeatFor } from "../../core/experiment/repeats.ts";
import { EVIDENCE_REACH_MS } from "../../core/experiment/suspects.ts";
import type { CallEdge, ClusterSnapshot } from "../../core/model/cluster.ts";
import { describeError, hasCode } from "../../core/model/error.ts";
import type { Choice, ExperimentPlan, ExperimentState } from "../../core/model/experiment.ts";
import type { Policy } from "../../core/model/policy.ts";
import { DAY_MS, MINUTE_MS } from "../../core/model/units.ts";
import { randomFrom } from "../../core/random.ts";
import { type Chosen, chooseTarget } from "../../core/targeting/choose.ts";
import type { PastInjection } from "../../core/targeting/facts.ts";
import type { AlertSource } from "../../ports/alerts.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { HaltSwitch } from "../../ports/lease.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import { type InjectDeps, inject } from "../inject/inject.ts";
import { type Closed, firstClosed } from "../preflight/gate.ts";
import { preflightGates } from "../preflight/preflight.ts";
import type { Settings } from "../preflight/settings.ts";
import { snapshotAround } from "../preflight/snapshot-around.ts";
import { record } from "../records/append-event.ts";
import type { Archive } from "../records/archive.ts";
import type { Book } from "../records/experiment-reader.ts";

/** Experiments of this long ago still count for staleness, budgets and repeats. */
const PAST_REACH_MS = EVIDENCE_REACH_MS;
const EDGES_REACH_MS = DAY_MS;

export interface PrepareDeps extends InjectDeps {
  readonly cluster: ClusterReader;
  readonly metrics: MetricsSource;
  readonly alerts: AlertSource;
  readonly halt: HaltSwitch;
  readonly book: Book;
  readonly archive: Archive;
  /** The configuration that holds now. */
  settings(): Settings;
  /** The policy as this experiment has it: narrowed to a target or a fault when a person asked for one. */
  policyOf(plan: ExperimentPlan): Policy | null;
}

/** Chooses a target, asks every gate, and injects; or writes down why not. */
export async function prepare(
  deps: PrepareDeps,
  id: string,
  planned: ExperimentState,
  signal: AbortSignal,
): Promise<ExperimentState> {
  const { plan } = planned;
  if (plan === null) throw new RangeError("an experiment without a plan cannot be prepared");
  const refuse = (state: ExperimentState, closed: Closed) => record(deps, id, state, { kind: "refused", ...closed });
  const policy = deps.policyOf(plan);
  if (policy === null)
    return refuse(planned, { gate: "policy", why: `the configuration has no policy "${plan.policy}" any more` });

  const context = await lookAround(deps, policy, signal).catch(blind);
  if ("gate" in context) return refuse(planned, context);
  const { snapshot, past, edges } = context;

  const { protectedNamespaces } = deps.settings();
  const choose = (only: Repeat | null) =>
    chooseTarget(policy, snapshot, { past, protectedNamespaces }, randomFrom(plan.seed), only);
  const repeat = repeatFor(plan, policy, context.states);
  const again = repeat === null ? null : confirming(choose(repeat), repeat);
  const chosen = again ?? choose(null);
  if ("none" in chosen) return refuse(planned, { gate: "target", why: chosen.none });
  const state = await record(deps, id, planned, { kind: "chosen", choice: chosen.choice });

  const closed = await askGates(deps, plan, policy, chosen.choice, context, signal);
  if (closed !== null) return refuse(state, closed);
  const whyNot = () => whyDisarmed(plan, deps.policyOf(plan));
  const disarmed = whyNot();
  if (disarmed !== null) return refuse(state, { gate: "mode", why: disarmed });
  const [next] = await Promise.all([
    inject(deps, id, state, signal, whyNot),
    deps.archive.keepSnapshot(id, "before", snapshot),
    deps.archive.keepEdges(id, edges),
  ]);
  return next;
}

/** The gates take their time, and the policy may have been lowered or removed meanwhile: then nothing is injected in its name. */
function whyDisarmed({ sham, policy: name }: ExperimentPlan, now: Policy | null): string | null {
  if (now === null) return `policy "${name}" was removed while the gates were asked`;
  return sham || now.mode === "inject" ? null : `policy "${name}" went down to ${now.mode} while the gates were asked`;
}

/** A choice that says what it repeats; null when the workload may not be hit so now: then the slot is used for another one. */
const confirming = (chosen: Chosen, { of, why }: Repeat): Chosen | null =>
  "none" in chosen ? null : { choice: { ...chosen.choice, confirms: { of, why } } };

/** Who could not be read: nothing is chosen without a fresh look at both. */
function blind(cause: unknown): Closed {
  const metrics = hasCode(cause, "source-unavailable") || hasCode(cause, "source-refused");
  return { gate: metrics ? "metrics" : "cluster", why: `cannot tell: ${describeError(cause)}` };
}

interface Around {
  readonly snapshot: ClusterSnapshot;
  /** Experiments of the last months. */
  readonly states: readonly ExperimentState[];
  readonly past: readonly PastInjection[];
  readonly edges: readonly CallEdge[];
}

/** Fresh lists of the policy's namespaces and of those that call into them, and what was done before. */
async function lookAround(deps: PrepareDeps, policy: Policy, signal: AbortSignal): Promise<Around> {
  const nowMs = deps.clock.nowMs();
  const edges = await deps.metrics.edges({ fromMs: nowMs - EDGES_REACH_MS, toMs: nowMs }, signal);
  const snapshot = await snapshotAround(deps.cluster, policy.target.namespaces, edges, signal);
  const states = await deps.book.between(nowMs - PAST_REACH_MS, nowMs + DAY_MS);
  return { snapshot, states, past: states.flatMap((state) => pastInjectionOf(state, nowMs)), edges };
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

async function askGates(
  deps: PrepareDeps,
  plan: ExperimentPlan,
  policy: Policy,
  choice: Choice,
  { snapshot, past, edges }: Around,
  signal: AbortSignal,
): Promise<Closed | null> {
  const settings = deps.settings();
  const open = await deps.book.open();
  const gates = preflightGates({
    policy,
    plan,
    choice,
    snapshot,
    nowMs: () => deps.clock.nowMs(),
    past,
    openDamage: (await deps.book.damaged()).map((state) => ({
      experimentId: state.plan?.id ?? "",
      services: damagedServices(state),
    })),
    active: open.filter((state) => isActive(state, deps.clock.nowMs())).flatMap((state) => state.plan?.id ?? []),
    extended: new Map(open.flatMap(({ plan, extension }) => (plan && extension ? [[plan.id, extension]] : []))),
    edges,
    calendar: settings.calendar,
    protectedNamespaces: settings.protectedNamespaces,
    dependencies: settings.dependencies,
    limits: settings.limits,
    halt: deps.halt,
    lease: deps.lease,
    metrics: deps.metrics,
    cluster: deps.cluster,
    alerts: settings.alerts === null ? null : { source: deps.alerts, selector: settings.alerts },
  });
  return firstClosed(gates, signal);
}

/** A verdict that is later than this has trouble with its source. */
const VERDICT_DUE_MS = 5 * MINUTE_MS;

/**
 * Between its injection and its verdict, which may say that it is observed for longer, or that damage is open. One that waits for a metrics source long
 * after its end no longer disturbs anybody.
 */
function isActive(state: ExperimentState, nowMs: number): boolean {
  switch (state.phase) {
    case "intended":
    case "observing":
      return true;
    case "cleared":
      return nowMs < judgeAtMs(state) + VERDICT_DUE_MS;
    default:
      return state.phase === "judged" || state.phase === "diagnosed";
  }
}
