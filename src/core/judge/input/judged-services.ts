import type { ServiceId } from "../../model/cluster.ts";
import { type CallGraph, callersWithin } from "./call-graph.ts";

/** Hops up the call graph that still belong to an experiment: judge.md §2.8. */
const HOPS = 3;

/**
 * The services that an experiment is judged on, family A of judge.md §2.8: the target's
 * (`concerned`), their callers up to three hops away, and their direct callees.
 */
export function familyOf(graph: CallGraph, concerned: readonly ServiceId[]): Set<ServiceId> {
  const family = new Set<ServiceId>([...concerned, ...callersWithin(graph, concerned, HOPS)]);
  for (const s of concerned) for (const callee of graph.calleesOf(s)) family.add(callee);
  return family;
}
