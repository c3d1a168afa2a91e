import type { Settings } from "../../app/preflight/settings.ts";
import { namespacesOf } from "../../app/preflight/snapshot-around.ts";
import type { ClusterReader } from "../../ports/cluster.ts";

/**
 * Where faults of ours may have been left behind: what the policies can do, in the namespaces that
 * they name now, and what teams may do in theirs, whether or not they still have a policy.
 */
export function sweepScope(reader: ClusterReader, settings: () => Settings) {
  const kinds = () => [
    ...settings().policies.flatMap((policy) => policy.faults.map(({ fault }) => fault.kind)),
    ...(settings().teams?.faults ?? []),
  ];
  const patterns = () => [
    ...settings().policies.flatMap((policy) => policy.target.namespaces),
    ...(settings().teams?.namespaces ?? []),
  ];
  return {
    kinds: () => [...new Set(kinds())],
    namespaces: async (signal: AbortSignal) => [...(await namespacesOf(reader, patterns(), [], signal))],
  };
}
