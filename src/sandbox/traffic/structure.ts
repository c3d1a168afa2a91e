import type { ServiceId } from "../../core/model/cluster.ts";
import type { Edge, ServiceNode } from "./graph.ts";
import { type FailureShares, NOT_SLOW, type PodClass, type Slowness, total } from "./pod-class.ts";
import { atWork, type TrafficPod } from "./pods.ts";
import { attemptsOf, triesOf } from "./retries.ts";

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
      podClasses(node, podsOf(node.id).filter(atWork), {
        failures: (edge) => edgeFailures(edge, reach, classes),
        slow: (edge) => edgeSlowness(edge, classes),
      }),
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
    if (isCutShort(edge, group.slow)) {
      const slow = (1 - total(group.failures)) * group.slow.share;
      add(shares, "504", (slow * (1 - lost) * group.pods.length) / all);
    }
  }
  return shares;
}

/** Whether the caller's proxy gives up before the slow answers of these pods come. */
export const isCutShort = ({ cause }: Edge, { byMs }: Slowness): boolean =>
  cause.kind === "call" && cause.call.timeoutMs !== undefined && byMs >= cause.call.timeoutMs;

/** How many of its calls on one edge a caller waits longer for, and for how much longer. */
function edgeSlowness(edge: Edge, classes: ReadonlyMap<ServiceId, readonly PodClass[]>): Slowness {
  const groups = classes.get(edge.to.id) ?? [];
  const all = groups.reduce((sum, group) => sum + group.pods.length, 0);
  const share = groups.reduce((sum, { slow, pods }) => sum + (slow.share * pods.length) / all, 0);
  const byMs = Math.max(0, ...groups.map(({ slow }) => slow.byMs));
  if (edge.cause.kind !== "call" || share === 0) return NOT_SLOW;
  const { timeoutMs, required } = edge.cause.call;
  // what a request needs and does not get in time fails it: it is no slow answer
  if (timeoutMs === undefined || byMs < timeoutMs) return { share, byMs };
  return required ? NOT_SLOW : { share, byMs: timeoutMs };
}

/** Mean tries for each request that `node` receives, all its callers together. */
export function attemptsAt(node: ServiceNode, { classes }: Structure): number {
  const own = classes.get(node.id) ?? [];
  return own.length === 0 ? 1 : Math.max(1, ...node.incoming.map((edge) => attemptsOf(edge, own)));
}

function podClasses(
  node: ServiceNode,
  pods: readonly TrafficPod[],
  of: { readonly failures: (edge: Edge) => FailureShares; readonly slow: (edge: Edge) => Slowness },
): PodClass[] {
  const { connection, relaysStatus, cold, crowded } = node.spec;
  const calls = new Map<string, number>();
  for (const edge of node.outgoing) {
    if (edge.cause.kind !== "call" || !edge.cause.call.required) continue;
    const perRequest = Math.min(1, edge.cause.call.perRequest);
    for (const [code, share] of of.failures(edge)) add(calls, relaysStatus ? code : "500", perRequest * share);
  }
  const waits = node.outgoing.flatMap((edge) => (edge.cause.kind === "call" ? [perRequest(edge, of.slow(edge))] : []));
  const slow = waits.reduce((worst, one) => (one.share * one.byMs > worst.share * worst.byMs ? one : worst), NOT_SLOW);
  if (cold !== null) {
    const failures = new Map(calls);
    add(failures, "503", cold.failShare * (1 - total(calls)));
    const own = { share: 1, byMs: cold.slowerMs };
    return [
      { pods: pods.filter((pod) => !pod.cold), failures: calls, slow },
      { pods: pods.filter((pod) => pod.cold), failures, slow: cold.slowerMs > 0 ? own : slow },
    ].filter((group) => group.pods.length > 0);
  }
  if (crowded !== null && pods.length < crowded.below) {
    const failures = new Map(calls);
    add(failures, "503", crowded.failShare * (1 - total(calls)));
    return [{ pods, failures, slow: { share: 1, byMs: crowded.slowerMs } }];
  }
  if (connection === null) return [{ pods, failures: calls, slow }];
  const connected = pods.filter((pod) => pod.connection.state === "open");
  const cut = pods.filter((pod) => pod.connection.state !== "open");
  const cutFailures = new Map(calls);
  add(cutFailures, "500", connection.touchShare * (1 - total(calls)));
  return [
    { pods: connected, failures: calls, slow },
    { pods: cut, failures: cutFailures, slow },
  ].filter((group) => group.pods.length > 0);
}

/** Of the caller's requests, those that make the slow calls. */
const perRequest = ({ cause }: Edge, { share, byMs }: Slowness): Slowness => ({
  share: share * Math.min(1, cause.kind === "call" ? cause.call.perRequest : 0),
  byMs,
});

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
