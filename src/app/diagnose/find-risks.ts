import { findRisks, workloadsAtRisk } from "../../core/diagnose/risks/find.ts";
import type { RiskRule } from "../../core/diagnose/risks/rule.ts";
import { worstPerService } from "../../core/model/degraded.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import { isSham, outcomeOf, outcomeOfVerdict } from "../../core/model/outcome.ts";
import type { Risk, RiskTest } from "../../core/model/risk.ts";
import type { ServiceCall } from "../../core/model/service-call.ts";
import { DAY_MS } from "../../core/model/units.ts";
import { serviceCalls } from "../../core/observe/service-calls.ts";
import { matchesPattern } from "../../core/targeting/selector.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import type { LimitsReader } from "../../ports/routes.ts";
import type { Around } from "../preflight/gather-facts.ts";
import type { Settings } from "../preflight/settings.ts";
import { snapshotAround } from "../preflight/snapshot-around.ts";

/** Who calls whom is looked for in this long. */
const CALLS_MS = DAY_MS;

export interface RiskDeps {
  readonly clock: Pick<Clock, "nowMs">;
  readonly cluster: ClusterReader;
  readonly metrics: Pick<MetricsSource, "edges">;
  readonly riskRules: readonly RiskRule[];
  /** Absent: nothing is known of the mesh's routes. */
  readonly limits?: LimitsReader;
  settings(): Pick<Settings, "policies" | "protectedNamespaces">;
}

/** What manifests and the mesh say of the namespaces of all policies. */
export interface Seen {
  readonly risks: readonly Risk[];
  /** Who called whom in the last day. */
  readonly calls: readonly ServiceCall[];
}

/** Risks as manifests are now. Rejects as `lookThrough`. */
export const risksNow = async (deps: RiskDeps, signal: AbortSignal): Promise<readonly Risk[]> =>
  (await lookThrough(deps, signal)).risks;

/**
 * Risks of the workloads in the namespaces of all policies, and who calls whom. Rejects as the
 * cluster and the metrics source do.
 */
export async function lookThrough(deps: RiskDeps, signal: AbortSignal): Promise<Seen> {
  const { policies, protectedNamespaces } = deps.settings();
  const patterns = [...new Set(policies.flatMap(({ target }) => target.namespaces))];
  const nowMs = deps.clock.nowMs();
  const edges = await deps.metrics.edges({ fromMs: nowMs - CALLS_MS, toMs: nowMs }, signal);
  if (patterns.length === 0) return { risks: [], calls: serviceCalls(edges, null) };
  const snapshot = await snapshotAround(deps.cluster, patterns, edges, signal);
  const isOurs = (namespace: string): boolean =>
    patterns.includes(namespace) ||
    (patterns.some((pattern) => matchesPattern(pattern, namespace)) &&
      !protectedNamespaces.some((pattern) => matchesPattern(pattern, namespace)));
  const called = edges.flatMap(({ callee, protocol }) => (protocol === "http" ? [callee] : []));
  const known = new Set(snapshot.workloads.flatMap(({ services }) => services));
  const limits = await deps.limits?.read(
    [...new Set(called)].filter((one) => known.has(one)),
    signal,
  );
  return {
    risks: findRisks(deps.riskRules, snapshot, edges, limits).filter(({ workload }) => isOurs(workload.namespace)),
    calls: serviceCalls(edges, snapshot),
  };
}

/** An experiment as a test of risks; a sham tests nothing. */
export function riskTestOf(state: ExperimentState): RiskTest {
  const { plan, choice, t0Ms } = state;
  const { workload, services = [] } = choice?.target ?? {};
  return {
    id: plan?.id ?? "",
    atMs: t0Ms ?? plan?.slotMs ?? 0,
    workload: workload === undefined ? null : `${workload.namespace}/${workload.name}`,
    services,
    fault: isSham(state) ? null : (plan?.natural?.what ?? choice?.fault.kind ?? null),
    outcome: outcomeOf(state),
    effects: worstPerService(state.judgement?.verdicts ?? []).map(({ service, verdict }) => ({
      service,
      outcome: outcomeOfVerdict(verdict.kind),
    })),
  };
}

/**
 * Keys of workloads with a risk that nothing has tested. It only makes them likelier to be drawn:
 * rules that cannot be asked make nobody so.
 */
export function untestedWorkloads(
  { riskRules, log }: Pick<RiskDeps, "riskRules"> & { readonly log: Log },
  { snapshot, edges, past }: Pick<Around, "snapshot" | "edges" | "past">,
): ReadonlySet<string> {
  const tests = past
    .filter(({ sham }) => !sham)
    .map(({ fault, services, workload }) => ({ fault, services, workload: `${workload.namespace}/${workload.name}` }));
  try {
    return workloadsAtRisk(findRisks(riskRules, snapshot, edges), tests);
  } catch (cause) {
    log.warn("risks are not known; the choice of a target does without them", { why: describeError(cause) });
    return new Set();
  }
}
