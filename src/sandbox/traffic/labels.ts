import type { Edge, ServiceNode } from "./graph.ts";
import type { Outcome } from "./outcome.ts";

export type Reporter = "source" | "destination";

/**
 * Istio's labels of one outcome as one side reports it; names and order as Istio writes them, empty
 * values left out.
 */
export function istioLabels(edge: Edge, outcome: Outcome, reporter: Reporter): Record<string, string> {
  const { spec } = edge.to;
  const secure = reporter === "destination" && outcome.destinations.length > 0;
  const labels: Record<string, string> = {
    reporter,
    ...peer("source", edge.from, secure),
    ...(outcome.destinationKnown ? peer("destination", edge.to, secure) : UNKNOWN_DESTINATION),
    destination_service: `${spec.name}.${spec.namespace}.svc.cluster.local`,
    destination_service_name: spec.name,
    destination_service_namespace: spec.namespace,
    request_protocol: outcome.tcp === null ? "http" : "tcp",
    response_flags: outcome.flags,
    connection_security_policy: secure ? "mutual_tls" : "unknown",
  };
  if (outcome.tcp === null) labels.response_code = outcome.code;
  return labels;
}

function peer(side: "source" | "destination", { spec }: ServiceNode, secure: boolean): Record<string, string> {
  return {
    [`${side}_workload`]: spec.name,
    [`${side}_canonical_service`]: spec.name,
    [`${side}_canonical_revision`]: "v1",
    [`${side}_workload_namespace`]: spec.namespace,
    [`${side}_principal`]: secure ? `spiffe://cluster.local/ns/${spec.namespace}/sa/${spec.name}` : "unknown",
    [`${side}_app`]: spec.name,
    [`${side}_version`]: "v1",
    [`${side}_cluster`]: "Kubernetes",
  };
}

const UNKNOWN_DESTINATION: Readonly<Record<string, string>> = {
  destination_workload: "unknown",
  destination_canonical_service: "unknown",
  destination_canonical_revision: "latest",
  destination_workload_namespace: "unknown",
  destination_principal: "unknown",
  destination_app: "unknown",
  destination_version: "unknown",
  destination_cluster: "unknown",
};
