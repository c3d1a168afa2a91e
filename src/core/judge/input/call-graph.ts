import type { ServiceId } from "../../model/cluster.ts";
import type { Call } from "./input.ts";

/** Callers and callees of each service; a service that calls itself is no edge. */
export interface CallGraph {
  callersOf(service: ServiceId): ReadonlySet<ServiceId>;
  calleesOf(service: ServiceId): ReadonlySet<ServiceId>;
}

const NONE: ReadonlySet<ServiceId> = new Set();

export function callGraph(calls: readonly Call[]): CallGraph {
  const callers = new Map<ServiceId, Set<ServiceId>>();
  const callees = new Map<ServiceId, Set<ServiceId>>();
  const add = (map: Map<ServiceId, Set<ServiceId>>, key: ServiceId, value: ServiceId) => {
    const known = map.get(key);
    if (known === undefined) map.set(key, new Set([value]));
    else known.add(value);
  };
  for (const { caller, callee } of calls) {
    if (caller === callee) continue;
    add(callers, callee, caller);
    add(callees, caller, callee);
  }
  return { callersOf: (s) => callers.get(s) ?? NONE, calleesOf: (s) => callees.get(s) ?? NONE };
}

/** Services that reach one of `services` by at most `hops` calls, themselves left out. */
export function callersWithin(graph: CallGraph, services: readonly ServiceId[], hops: number): Set<ServiceId> {
  const reached = new Set(services);
  let edge: Iterable<ServiceId> = services;
  for (let hop = 0; hop < hops; hop++) {
    const next = new Set<ServiceId>();
    for (const s of edge) for (const caller of graph.callersOf(s)) if (!reached.has(caller)) next.add(caller);
    for (const s of next) reached.add(s);
    edge = next;
  }
  for (const s of services) reached.delete(s);
  return reached;
}
