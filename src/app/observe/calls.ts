import type { Call } from "../../core/judge/input/input.ts";
import type { CallEdge, ClusterSnapshot } from "../../core/model/cluster.ts";
import { serviceCalls } from "../../core/observe/service-calls.ts";

/** Who calls whom, by service, whatever the protocol. */
export function callsOf(edges: readonly CallEdge[], snapshot: ClusterSnapshot | null): readonly Call[] {
  const calls = new Map<string, Call>();
  for (const { caller, callee } of serviceCalls(edges, snapshot))
    calls.set(`${caller} → ${callee}`, { caller, callee });
  return [...calls.values()];
}
