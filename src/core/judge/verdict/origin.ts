import type { ServiceId } from "../../model/cluster.ts";
import type { Signal } from "../../model/verdict.ts";
import type { CallGraph } from "../input/call-graph.ts";
import { ORIGIN_EVIDENCE } from "../input/constants.ts";

export interface Evidence {
  readonly service: ServiceId;
  readonly signal: Signal;
  /** Deviate after widening: whether this is evidence at all. */
  readonly z: number;
  /**
   * Deviate against the window's own swings: how much of it there is, comparable between a caller
   * and its callee.
   */
  readonly own: number;
}

/** A caller's evidence is the callee's when the callee has at least this much of it. */
const SHARED = 0.7;
/**
 * Receiving less than this of what the caller's own traffic predicts: requests vanish in between.
 */
const VANISHED = 0.8;

/**
 * Strongest own deviate by service of what lies beyond 3 after widening, among the signals that
 * `accept` names. A quiet record says whether a change is real; a callee whose record swings more
 * than its caller's has not suffered less for it.
 */
function strongest(evidence: readonly Evidence[], accept: (signal: Signal) => boolean): Map<ServiceId, number> {
  const out = new Map<ServiceId, number>();
  for (const { service, signal, z, own } of evidence) {
    if (z > ORIGIN_EVIDENCE && accept(signal)) out.set(service, Math.max(out.get(service) ?? 0, own));
  }
  return out;
}

const largest = (scores: ReadonlyMap<ServiceId, number>): ServiceId | null => {
  let best: ServiceId | null = null;
  for (const [service, z] of scores) if (best === null || z > scores.get(best)!) best = service;
  return best;
};

/**
 * The service in which it began: the deepest one with evidence, or the one inside which requests
 * vanish (judge.md §2.17).
 * @param trafficRatio requests a step after ÷ before, where known
 * @returns null when nothing lies beyond 3
 */
export function originOf(
  evidence: readonly Evidence[],
  graph: CallGraph,
  trafficRatio: ReadonlyMap<ServiceId, number>,
): ServiceId | null {
  const worse = strongest(evidence, (signal) => signal !== "rate");
  const found = worse.size > 0 ? worse : strongest(evidence, () => true);
  const deepest = new Map(
    [...found].filter(([s, z]) => ![...graph.calleesOf(s)].some((c) => (found.get(c) ?? 0) >= SHARED * z)),
  );
  const top = largest(deepest.size > 0 ? deepest : found);
  if (top === null) return null;
  const failing = strongest(evidence, (signal) => signal === "failures" || signal === "connections");
  if ((failing.get(top) ?? 0) < found.get(top)!) return top;
  return whereRequestsVanish(top, graph, trafficRatio) ?? top;
}

/**
 * Among the callees of a failing service: the one most of whose own callees are called less than
 * its traffic predicts.
 */
function whereRequestsVanish(
  top: ServiceId,
  graph: CallGraph,
  trafficRatio: ReadonlyMap<ServiceId, number>,
): ServiceId | null {
  const shares = new Map<ServiceId, number>();
  for (const callee of graph.calleesOf(top)) {
    const below = [...graph.calleesOf(callee)];
    if (below.length < 2) continue;
    const own = trafficRatio.get(callee) ?? 1;
    const starved =
      below.filter((b) => (trafficRatio.get(b) ?? Number.POSITIVE_INFINITY) < VANISHED * own).length / below.length;
    if (starved >= 0.5) shares.set(callee, starved);
  }
  return largest(shares);
}
