import type { FaultKind } from "../../../core/model/fault.ts";
import type { AccessQuestion } from "../../../ports/cluster.ts";

/** What a configuration does in the cluster, as far as rights depend on it. */
export interface RightsNeeds {
  readonly faults: readonly FaultKind[];
  /**
   * Namespaces that policies name; with `everywhere` these are patterns, and all namespaces count.
   */
  readonly namespaces: readonly string[];
  readonly everywhere?: boolean;
  /** Nodes are not asked for: without patterns, roles in namespaces are then all. */
  readonly withoutNodes?: boolean;
  /** Namespace and name of the lease. */
  readonly ownNamespace: string;
  readonly leaseName: string;
  /** Teams whose policies are read, and what these may do when they are armed. */
  readonly teams?: { readonly namespaces: readonly string[]; readonly faults: readonly FaultKind[] };
  /**
   * Read all namespaces, not only the named ones: then callers in other namespaces can be explained
   * too.
   */
  readonly readEverywhere?: boolean;
}

/** One kind of object and what is done to it; `namespace` null: in the whole cluster. */
export interface Right {
  readonly namespace: string | null;
  readonly group: string;
  /** `pods`, `pods/eviction`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Only these objects. */
  readonly names?: readonly string[];
}

type Part = Omit<Right, "namespace">;

const part = (group: string, resource: string, ...verbs: string[]): Part => ({ group, resource, verbs });

/** Reads of one namespace: snapshot, watch, owners. */
const READS: readonly Part[] = [
  part("", "namespaces", "get"),
  part("", "pods", "get", "list", "watch"),
  part("", "services", "list"),
  part("discovery.k8s.io", "endpointslices", "list"),
  part("apps", "deployments", "list"),
  part("apps", "replicasets", "get", "list"),
  part("apps", "statefulsets", "list"),
  part("apps", "daemonsets", "list"),
  part("apps", "controllerrevisions", "list"),
  part("batch", "jobs", "get", "list"),
  part("policy", "poddisruptionbudgets", "list"),
  part("autoscaling", "horizontalpodautoscalers", "list"),
];

/** Policies in their team's own namespace. */
const POLICIES = part("", "configmaps", "list", "watch");

/** Said on workloads that were hit or have a finding, and on a policy that is not followed. */
const EVENTS = part("events.k8s.io", "events", "create");

/**
 * Exactly the rights that this configuration uses: no wildcard, no secrets, and nothing dangerous
 * outside the namespaces that it names. A SelfSubjectAccessReview needs no right: every
 * authenticated user may make one.
 */
export function rightsFor(needs: RightsNeeds): readonly Right[] {
  const scopes: readonly (string | null)[] = needs.everywhere === true ? [null] : [...new Set(needs.namespaces)];
  const readScopes = needs.readEverywhere === true ? [null] : scopes;
  return merged([
    ...readScopes.flatMap((namespace) => READS.map((one) => ({ ...one, namespace }))),
    ...scopes.flatMap((namespace) =>
      [EVENTS, ...needs.faults.flatMap(faultParts)].map((one) => ({ ...one, namespace })),
    ),
    ...teamParts(needs),
    ...clusterParts(needs).map((one) => ({ ...one, namespace: null })),
    ...leaseParts(needs.leaseName).map((one) => ({ ...one, namespace: needs.ownNamespace })),
  ]);
}

/** A team's namespace is one that a policy names, and its policies are read there. */
function teamParts({ teams }: RightsNeeds): Right[] {
  if (teams === undefined) return [];
  const parts = [...READS, EVENTS, POLICIES, ...teams.faults.flatMap(faultParts)];
  return teams.namespaces.flatMap((namespace) => parts.map((one) => ({ ...one, namespace })));
}

/** What a fault does inside a namespace. */
function faultParts(kind: FaultKind): readonly Part[] {
  switch (kind) {
    case "pod-delete":
    case "pod-kill":
    case "zone-outage":
      return [part("", "pods", "delete")];
    case "pod-evict":
    case "node-drain":
      return [part("", "pods/eviction", "create")];
    case "http-abort":
    case "http-delay":
      return [
        part("networking.istio.io", "virtualservices", "get", "list", "create", "patch", "delete"),
        part("gateway.networking.k8s.io", "httproutes", "list"),
        part("gateway.networking.k8s.io", "grpcroutes", "list"),
      ];
  }
}

/** Nodes belong to no namespace; to find namespaces by a pattern all of them must be listed. */
function clusterParts({ faults, everywhere, withoutNodes, readEverywhere }: RightsNeeds): Part[] {
  const cordons = faults.includes("node-drain") || faults.includes("zone-outage");
  const nodes = cordons ? part("", "nodes", "list", "get", "patch") : part("", "nodes", "list");
  return [
    ...(withoutNodes === true ? [] : [nodes]),
    ...(everywhere === true ? [part("", "namespaces", "list")] : []),
    // in the mesh a VirtualService of any namespace may decide over a host
    ...(readEverywhere === true && faults.some((one) => one.startsWith("http-"))
      ? [part("networking.istio.io", "virtualservices", "list")]
      : []),
  ];
}

/** A right to create cannot be tied to a name: the object does not exist yet. */
const leaseParts = (name: string): Part[] => [
  part("coordination.k8s.io", "leases", "create"),
  { ...part("coordination.k8s.io", "leases", "get", "watch", "update", "patch"), names: [name] },
];

/** Several faults may need the same right. */
function merged(rights: readonly Right[]): readonly Right[] {
  const key = ({ namespace, group, resource, names }: Right) => JSON.stringify([namespace, group, resource, names]);
  return [...Map.groupBy(rights, key).values()].map((same) => ({
    ...same[0]!,
    verbs: [...new Set(same.flatMap((one) => one.verbs))],
  }));
}

/** One question per right and verb, to ask the API server whether it was granted. */
export function accessQuestions(rights: readonly Right[]): readonly AccessQuestion[] {
  return rights.flatMap(({ namespace, group, resource, verbs, names }) => {
    const [main = "", subresource] = resource.split("/");
    return verbs.map((verb) => ({
      ...{ verb, group, resource: main },
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === null ? {} : { namespace }),
      ...(names?.[0] === undefined ? {} : { name: names[0] }),
    }));
  });
}
