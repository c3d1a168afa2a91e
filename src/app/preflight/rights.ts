import type { FaultKind } from "../../core/model/fault.ts";
import type { AccessQuestion } from "../../ports/cluster.ts";

const ISTIO = "networking.istio.io";
const GATEWAY = "gateway.networking.k8s.io";

/** Nodes belong to no namespace. */
const CORDON: readonly AccessQuestion[] = ["get", "patch"].map((verb) => ({ verb, group: "", resource: "nodes" }));

/**
 * What the API server must allow so that a fault can be done and undone: in each of the namespaces,
 * and where nodes are patched in the cluster.
 */
export function rightsFor(kind: FaultKind, namespaces: readonly string[]): readonly AccessQuestion[] {
  const evict = namespaces.map((namespace) => ({
    verb: "create",
    group: "",
    resource: "pods",
    subresource: "eviction",
    namespace,
  }));
  const remove = namespaces.map((namespace) => ({ verb: "delete", group: "", resource: "pods", namespace }));
  switch (kind) {
    case "pod-delete":
    case "pod-kill":
      return remove;
    case "zone-outage":
      return [...CORDON, ...remove];
    case "pod-evict":
      return evict;
    case "node-drain":
      return [...CORDON, ...evict];
    case "http-abort":
    case "http-delay":
      return namespaces.flatMap((namespace) => [
        ...["get", "list", "create", "patch", "delete"].map((verb) => ({
          ...{ verb, group: ISTIO, resource: "virtualservices", namespace },
        })),
        // a route of the Gateway API may decide in a VirtualService's place
        ...["httproutes", "grpcroutes"].map((resource) => ({
          ...{ verb: "list", group: GATEWAY, resource, namespace },
        })),
      ]);
  }
}

/** `delete pods in go-app`. */
export function describeRight({ verb, resource, subresource, namespace }: AccessQuestion): string {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return `${verb} ${what}${namespace === undefined ? "" : ` in ${namespace}`}`;
}

/** The same for many, a kind of object at a time: `get, list, watch pods in go-app`. */
export function describeRights(questions: readonly AccessQuestion[]): string[] {
  const objects = ({ group, resource, subresource, namespace }: AccessQuestion): string =>
    JSON.stringify([group, resource, subresource, namespace]);
  return [...Map.groupBy(questions, objects).values()].map((same) =>
    describeRight({ ...same[0]!, verb: [...new Set(same.map(({ verb }) => verb))].join(", ") }),
  );
}
