import type { ClusterSnapshot } from "../../core/model/cluster.ts";
import type { Policy } from "../../core/model/policy.ts";
import { matchesPattern } from "../../core/targeting/selector.ts";
import type { RoutesReader, WhyNotRouted } from "../../ports/routes.ts";

/**
 * Reads whether the mesh's routes prevent the policy's HTTP faults. Nothing without an HTTP fault,
 * or without a reader.
 */
export async function routesOf(
  routes: RoutesReader | undefined,
  { faults, target }: Policy,
  { namespaces }: ClusterSnapshot,
  signal: AbortSignal,
): Promise<{ readonly whyNotRouted?: WhyNotRouted }> {
  if (routes === undefined || !faults.some(({ fault }) => fault.kind.startsWith("http-"))) return {};
  const own = namespaces
    .map(({ name }) => name)
    .filter((name) => target.namespaces.some((one) => matchesPattern(one, name)));
  return { whyNotRouted: await routes.read(own, signal) };
}
