import type { ServiceId } from "../../model/cluster.ts";
import type { Signal } from "../../model/verdict.ts";
import { type CallGraph, callersWithin } from "../input/call-graph.ts";

/** Hops up the call graph in which the reason for missing requests is looked for. */
const HOPS = 3;

/**
 * Services whose only trouble is that they are called less, while somebody above them is in
 * trouble: starved, not degraded (judge.md §2.4).
 * @param degraded signals found worse, by service
 */
export function starvedServices(
  degraded: ReadonlyMap<ServiceId, ReadonlySet<Signal>>,
  graph: CallGraph,
): ReadonlySet<ServiceId> {
  const starved = new Set<ServiceId>();
  for (const [service, signals] of degraded) {
    if (signals.size !== 1 || !signals.has("rate")) continue;
    const above = callersWithin(graph, [service], HOPS);
    if ([...above].some((caller) => degraded.has(caller))) starved.add(service);
  }
  return starved;
}
