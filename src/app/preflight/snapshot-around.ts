import type { CallEdge, ClusterSnapshot } from "../../core/model/cluster.ts";
import { hasCode } from "../../core/model/error.ts";
import { matchesPattern } from "../../core/targeting/selector.ts";
import type { ClusterReader } from "../../ports/cluster.ts";

/**
 * The namespaces that an experiment looks at: those that the policy names (patterns with `*` are
 * looked up), and those whose workloads call into them or are called from them.
 */
export async function namespacesOf(
  cluster: ClusterReader,
  patterns: readonly string[],
  edges: readonly CallEdge[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const named = patterns.some((pattern) => pattern.includes("*"))
    ? (await cluster.namespaces(signal)).filter((name) => patterns.some((pattern) => matchesPattern(pattern, name)))
    : patterns;
  const neighbours = edges.flatMap((edge) => {
    const callee = edge.callee.split("/")[0] ?? "";
    if (named.includes(callee)) return [edge.caller.namespace];
    return named.includes(edge.caller.namespace) ? [callee] : [];
  });
  return [...new Set([...named, ...neighbours])].filter((name) => name !== "" && name !== "unknown");
}

/**
 * Fresh lists of the policy's namespaces and of their neighbours; of the former alone where the
 * latter may not be read.
 */
export async function snapshotAround(
  cluster: ClusterReader,
  patterns: readonly string[],
  edges: readonly CallEdge[],
  signal: AbortSignal,
): Promise<ClusterSnapshot> {
  try {
    return await cluster.snapshot(await namespacesOf(cluster, patterns, edges, signal), signal);
  } catch (cause) {
    if (!hasCode(cause, "cluster-forbidden")) throw cause;
    return cluster.snapshot(await namespacesOf(cluster, patterns, [], signal), signal);
  }
}
