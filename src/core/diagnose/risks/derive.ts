import {
  type CallEdge,
  type ClusterSnapshot,
  type Probe,
  type ServiceId,
  type Workload,
  workloadKey,
} from "../../model/cluster.ts";
import type { RouteLimits } from "../../model/route-limits.ts";
import { type WorkloadCall, workloadCalls } from "../graph.ts";
import { probeTexts } from "../workload.ts";
import type { ManifestFacts } from "./facts.ts";

/** Of each Service of which they are known. */
export type KnownLimits = ReadonlyMap<ServiceId, RouteLimits>;

/** What manifests, routes and the call graph say of each workload of `snapshot`. */
export function manifestFacts(
  snapshot: ClusterSnapshot,
  edges: readonly CallEdge[],
  limits: KnownLimits,
): readonly { readonly workload: Workload; readonly facts: ManifestFacts }[] {
  const calls = workloadCalls(edges, snapshot);
  const callers = Map.groupBy(calls, ({ callee }) => workloadKey(callee));
  const called = Map.groupBy(calls, ({ caller }) => workloadKey(caller));
  const pods = Map.groupBy(
    snapshot.pods.filter(({ terminating, phase }) => !terminating && (phase === "Running" || phase === "Pending")),
    (pod) => workloadKey(pod.workload),
  );
  const known = new Set(snapshot.workloads.flatMap(({ services }) => services));
  return snapshot.workloads.map((workload) => {
    const key = workloadKey(workload);
    const nodes = (pods.get(key) ?? []).flatMap(({ node }) => node ?? []);
    const around = { snapshot, nodes, known, limits, callers: callers.get(key) ?? [], called: called.get(key) ?? [] };
    return { workload, facts: factsOf(workload, around) };
  });
}

interface Around {
  readonly snapshot: ClusterSnapshot;
  /** Nodes of its pods. */
  readonly nodes: readonly string[];
  /** Every service of the snapshot. */
  readonly known: ReadonlySet<string>;
  readonly callers: readonly WorkloadCall[];
  /** Calls that it makes. */
  readonly called: readonly WorkloadCall[];
  readonly limits: KnownLimits;
}

function factsOf(workload: Workload, around: Around): ManifestFacts {
  const { snapshot, nodes, known, callers, called, limits } = around;
  const { kind, namespace, name, services, replicas, readyReplicas, probes, budgets, autoscaler, design } = workload;
  const zoneOf = new Map(snapshot.nodes.map((node) => [node.name, node.zone]));
  const usable = snapshot.nodes.filter(({ ready, schedulable }) => ready && schedulable);
  const whole = replicas > 0 && readyReplicas >= replicas;
  return {
    kind,
    namespace,
    name,
    services,
    replicas,
    callers: distinct(callers.map(({ caller }) => `${caller.namespace}/${caller.name}`)),
    nodes: distinct(nodes),
    zones: distinct(nodes.flatMap((node) => zoneOf.get(node) ?? [])),
    clusterNodes: usable.length,
    clusterZones: distinct(usable.flatMap(({ zone }) => zone ?? [])).length,
    readinessProbes: probeTexts(probes, "readiness"),
    livenessProbes: probeTexts(probes, "liveness"),
    probesAsk: distinct(probes.flatMap((probe) => othersAsked(probe, workload, known))),
    disruptionBudgets: budgets.length,
    budgetsThatForbid: whole
      ? budgets.flatMap((one) => (one.observed && one.disruptionsAllowed === 0 ? one.name : []))
      : [],
    withoutRequests: design?.withoutRequests ?? [],
    graceSeconds: design?.graceSeconds ?? -1,
    preStopSeconds: design?.preStopSeconds ?? -1,
    autoscalerMin: autoscaler?.minReplicas ?? -1,
    autoscalerBlind: autoscaler?.blind ?? "",
    callsWithoutTimeout: overHttp(called).filter((service) => limits.get(service)?.timeout === false),
    retriesOff: overHttp(callers).filter((service) => limits.get(service)?.retriesOff === true),
  };
}

/** Services behind which are other pods than its own, by the names that a probe asks. */
function othersAsked({ asks = [] }: Probe, { namespace, services }: Workload, known: ReadonlySet<string>): string[] {
  return asks.flatMap((host) => {
    const [name = "", space = namespace] = host.split(".");
    const service = `${space}/${name}`;
    return known.has(service) && !services.includes(service) ? [service] : [];
  });
}

const overHttp = (calls: readonly WorkloadCall[]): string[] =>
  distinct(calls.flatMap(({ service, protocol }) => (protocol === "http" ? [service] : [])));

const distinct = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
