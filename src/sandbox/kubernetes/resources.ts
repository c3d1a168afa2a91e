/**
 * A resource that the sandbox knows, and what can be done with it besides `get`, `list` and
 * `watch`.
 */
export interface Resource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

const define = (
  group: string,
  version: string,
  namespaced: boolean,
  kinds: Readonly<Record<string, string>>,
): Resource[] => Object.entries(kinds).map(([resource, kind]) => ({ group, version, resource, kind, namespaced }));

export const RESOURCES: readonly Resource[] = [
  ...define("", "v1", false, { namespaces: "Namespace", nodes: "Node" }),
  ...define("", "v1", true, { pods: "Pod", services: "Service" }),
  ...define("apps", "v1", true, {
    deployments: "Deployment",
    replicasets: "ReplicaSet",
    statefulsets: "StatefulSet",
    daemonsets: "DaemonSet",
    controllerrevisions: "ControllerRevision",
  }),
  ...define("batch", "v1", true, { jobs: "Job", cronjobs: "CronJob" }),
  ...define("autoscaling", "v2", true, { horizontalpodautoscalers: "HorizontalPodAutoscaler" }),
  ...define("policy", "v1", true, { poddisruptionbudgets: "PodDisruptionBudget" }),
  ...define("coordination.k8s.io", "v1", true, { leases: "Lease" }),
  ...define("events.k8s.io", "v1", true, { events: "Event" }),
  ...define("authorization.k8s.io", "v1", false, { selfsubjectaccessreviews: "SelfSubjectAccessReview" }),
];

export const apiVersion = ({ group, version }: Resource): string => (group === "" ? version : `${group}/${version}`);

/** What a path asks for. */
export interface Target {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** `unknown-api`: no such group; `unknown-resource`: no such resource in it. */
export type Parsed = Target | "unknown-api" | "unknown-resource";

/** Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`. */
export function parsePath(path: string): Parsed {
  const [root, ...rest] = path.split("/").slice(1).map(decodeURIComponent);
  if (root !== "api" && root !== "apis") return "unknown-api";
  const group = root === "api" ? "" : rest.shift();
  const version = rest.shift();
  const inGroup = RESOURCES.filter((one) => one.group === group && one.version === version);
  if (inGroup.length === 0) return "unknown-api";
  const namespaced = rest[0] === "namespaces" && rest.length > 2;
  const namespace = namespaced ? rest[1] : undefined;
  const [plural, name, subresource, ...more] = namespaced ? rest.slice(2) : rest;
  const resource = inGroup.find((one) => one.resource === plural);
  if (resource === undefined || more.length > 0 || (namespaced && !resource.namespaced)) return "unknown-resource";
  if (resource.namespaced && namespace === undefined && name !== undefined) return "unknown-resource";
  return { resource, namespace, name, subresource };
}
