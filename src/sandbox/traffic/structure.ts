import type { ServiceId } from "../../core/model/cluster.ts";
import type { Edge, ServiceNode } from "./graph.ts";
import { type FailureShares, type PodClass, total } from "./pod-class.ts";
import { atWork, type TrafficPod } from "./pods.ts";
import { triesOf } from "./retries.ts";

/** Retries of a request that could not connect, each on another endpoint (Istio's default: two). */
const RETRIES = 2;

/** What becomes of requests to a service before any of its pods answers. */
export interface Reachability {
  /** Nobody to send to: `UH`. */
  readonly noEndpoint: boolean;
  /** Share that connects to nobody although it was tried again: `UF,URX`. */
  readonly refused: number;
  /** Share that connects at the second or third try. */
  readonly retried: number;
}

export function reachability(pods: readonly TrafficPod[]): Reachability {
  const endpoints = pods.filter((pod) => pod.inMesh);
  const dead = endpoints.filter((pod) => !pod.serving).length;
  if (endpoints.length === 0) return { noEndpoint: true, refused: 0, retried: 0 };
  if (dead === endpoints.length) return { noEndpoint: false, refused: 1, retried: 0 };
  let refused = 1;
  for (let attempt = 0; attempt <= RETRIES; attempt++) {
    refused *= Math.max(0, dead - attempt) / Math.max(1, endpoints.length - attempt);
  }
  return { noEndpoint: false, refused, retried: dead / endpoints.length - refused };
}

/** What lasting failures there are in the whole mesh, given the pods of every service. */
export interface Structure {
  readonly reach: ReadonlyMap<ServiceId, Reachability>;
  readonly classes: ReadonlyMap<ServiceId, readonly PodClass[]>;
  /**
   * Share of a service's usual traffic that still arrives, because its callers (and theirs) still
   * work.
   */
  readonly traffic: ReadonlyMap<ServiceId, number>;
}

export function structureOf(
  order: readonly ServiceNode[],
  podsOf: (id: ServiceId) => readonly TrafficPod[],
): Structure {
  const reach = new Map(order.map((node) => [node.id, reachability(podsOf(node.id))]));
  const classes = new Map<ServiceId, readonly PodClass[]>();
  for (const node of order.toReversed()) {
    classes.set(
      node.id,
      podClasses(node, podsOf(node.id).filter(atWork), (edge) => edgeFailures(edge, reach, classes)),
    );
  }
  return { reach, classes, traffic: arriving(order, podsOf) };
}

/** Failures that a caller sees on one edge. */
function edgeFailures(
  edge: Edge,
  reach: ReadonlyMap<ServiceId, Reachability>,
  classes: ReadonlyMap<ServiceId, readonly PodClass[]>,
): FailureShares {
  const { to } = edge;
  const { noEndpoint, refused } = reach.get(to.id)!;
  const shares = new Map<string, number>();
  const lost = noEndpoint ? 1 : refused;
  if (lost > 0) shares.set("503", lost);
  const groups = classes.get(to.id) ?? [];
  const all = groups.reduce((sum, group) => sum + group.pods.length, 0);
  const { left } = triesOf(edge, groups);
  for (const group of groups) {
    for (const [code, share] of group.failures)
      add(shares, code, (share * left * (1 - lost) * group.pods.length) / all);
  }
  return shares;
}

function podClasses(
  node: ServiceNode,
  pods: readonly TrafficPod[],
  failuresOf: (edge: Edge) => FailureShares,
): PodClass[] {
  const { connection, relaysStatus } = node.spec;
  const calls = new Map<string, number>();
  for (const edge of node.outgoing) {
    if (edge.cause.kind !== "call" || !edge.cause.call.required) continue;
    const perRequest = Math.min(1, edge.cause.call.perRequest);
    for (const [code, share] of failuresOf(edge)) add(calls, relaysStatus ? code : "500", perRequest * share);
  }
  if (connection === null) return [{ pods, failures: calls }];
  const connected = pods.filter((pod) => pod.connection.state === "open");
  const cut = pods.filter((pod) => pod.connection.state !== "open");
  const cutFailures = new Map(calls);
  add(cutFailures, "500", connection.touchShare * (1 - total(calls)));
  return [
    { pods: connected, failures: calls },
    { pods: cut, failures: cutFailures },
  ].filter((group) => group.pods.length > 0);
}

function arriving(
  order: readonly ServiceNode[],
  podsOf: (id: ServiceId) => readonly TrafficPod[],
): Map<ServiceId, number> {
  const traffic = new Map<ServiceId, number>();
  for (const node of order) {
    let usual = 0;
    let now = 0;
    for (const { from, cause } of node.incoming) {
      const weight = cause.kind === "drive" ? cause.drive.rps : cause.kind === "call" ? cause.call.perRequest : 1;
      usual += weight;
      if (podsOf(from.id).some(atWork)) now += weight * traffic.get(from.id)!;
    }
    traffic.set(node.id, usual === 0 ? 1 : now / usual);
  }
  return traffic;
}

function add(shares: Map<string, number>, code: string, share: number): void {
  if (share > 0) shares.set(code, Math.min(1, (shares.get(code) ?? 0) + share));
}
