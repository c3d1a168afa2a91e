import { AftershockError } from "../../../core/model/error.ts";

/** Where each kind of object lives. */
const GROUPS = {
  pods: "/api/v1",
  services: "/api/v1",
  nodes: "/api/v1",
  namespaces: "/api/v1",
  configmaps: "/api/v1",
  deployments: "/apis/apps/v1",
  replicasets: "/apis/apps/v1",
  statefulsets: "/apis/apps/v1",
  daemonsets: "/apis/apps/v1",
  controllerrevisions: "/apis/apps/v1",
  jobs: "/apis/batch/v1",
  poddisruptionbudgets: "/apis/policy/v1",
  horizontalpodautoscalers: "/apis/autoscaling/v2",
  endpointslices: "/apis/discovery.k8s.io/v1",
  leases: "/apis/coordination.k8s.io/v1",
  events: "/apis/events.k8s.io/v1",
  selfsubjectaccessreviews: "/apis/authorization.k8s.io/v1",
  selfsubjectreviews: "/apis/authentication.k8s.io/v1",
} as const;

export type Resource = keyof typeof GROUPS;

/** `/api/v1/namespaces/go-app/pods`, or without a namespace `/api/v1/nodes`. */
export function collectionPath(resource: Resource, namespace: string | null): string {
  return collectionIn(GROUPS[resource], resource, namespace);
}

/**
 * As `collectionPath`, for what is in no list of ours: `group` is `/apis/networking.istio.io/v1`.
 */
export function collectionIn(group: string, resource: string, namespace: string | null): string {
  const inside = namespace === null ? "" : `/namespaces/${segment(namespace)}`;
  return `${group}${inside}/${resource}`;
}

/** One object of a collection: `/api/v1/namespaces/go-app/pods/repeater-0`. */
export const named = (collection: string, name: string): string => `${collection}/${segment(name)}`;

/** `named` of `collectionPath`. */
export const objectPath = (resource: Resource, namespace: string | null, name: string): string =>
  named(collectionPath(resource, namespace), name);

/** An empty name would mean the whole collection, and dots a level above: nothing is asked then. */
function segment(word: string): string {
  if (word !== "" && word !== "." && word !== "..") return encodeURIComponent(word);
  throw new AftershockError("usage", `"${word}" is no name of a Kubernetes object`);
}
