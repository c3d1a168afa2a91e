import { type ServiceId, serviceId } from "../../core/model/cluster.ts";
import type { CallSpec, Catalog, ConnectionSpec, DriveSpec, ServiceSpec } from "../catalog/spec.ts";

/** Who sends requests to whom, and why. */
export type EdgeCause =
  | { readonly kind: "drive"; readonly drive: DriveSpec }
  | { readonly kind: "call"; readonly call: CallSpec }
  | { readonly kind: "connection"; readonly connection: ConnectionSpec };

export interface Edge {
  readonly index: number;
  readonly from: ServiceNode;
  readonly to: ServiceNode;
  readonly cause: EdgeCause;
}

export interface ServiceNode {
  readonly index: number;
  readonly id: ServiceId;
  readonly spec: ServiceSpec;
  readonly incoming: Edge[];
  readonly outgoing: Edge[];
}

export interface CallGraph {
  /** Callers before those they call. */
  readonly order: readonly ServiceNode[];
  readonly edges: readonly Edge[];
  readonly byId: ReadonlyMap<ServiceId, ServiceNode>;
}

/** @throws TypeError if a call leads nowhere or in a circle */
export function buildGraph(catalog: Catalog): CallGraph {
  const nodes = catalog.services.map((spec, index): ServiceNode => {
    return { index, id: serviceId(spec.namespace, spec.name), spec, incoming: [], outgoing: [] };
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const edges: Edge[] = [];
  const connect = (from: ServiceNode, target: ServiceId, cause: EdgeCause): void => {
    const to = byId.get(target);
    if (to === undefined) throw new TypeError(`${from.id} calls ${target}, which is not in the catalog`);
    const edge: Edge = { index: edges.length, from, to, cause };
    edges.push(edge);
    from.outgoing.push(edge);
    to.incoming.push(edge);
  };
  for (const node of nodes) {
    for (const drive of node.spec.drives) connect(node, drive.to, { kind: "drive", drive });
    for (const call of node.spec.calls) connect(node, call.to, { kind: "call", call });
    const { connection } = node.spec;
    if (connection !== null) connect(node, connection.to, { kind: "connection", connection });
  }
  return { order: sorted(nodes), edges, byId };
}

function sorted(nodes: readonly ServiceNode[]): ServiceNode[] {
  const done = new Set<ServiceNode>();
  const path = new Set<ServiceNode>();
  const order: ServiceNode[] = [];
  const visit = (node: ServiceNode): void => {
    if (done.has(node)) return;
    if (path.has(node)) throw new TypeError(`${node.id} calls itself through others`);
    path.add(node);
    for (const edge of node.outgoing) visit(edge.to);
    path.delete(node);
    done.add(node);
    order.unshift(node);
  };
  for (const node of nodes) visit(node);
  return order;
}

/** Mean calls of `edge` for each request that its caller answers. */
export const callsPerRequest = (edge: Edge): number => {
  if (edge.cause.kind === "call") return edge.cause.call.perRequest;
  return edge.cause.kind === "connection" ? edge.cause.connection.touchShare : 0;
};
