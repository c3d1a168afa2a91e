import type { ClusterSnapshot } from "../../core/model/cluster.ts";
import type { Policy } from "../../core/model/policy.ts";
import { matchesPattern } from "../../core/targeting/selector.ts";
import type { RoutesReader, WhyNotRouted } from "../../ports/routes.ts";

/**
 * What routes say of the requests that a policy could hit; nothing where it has no fault of HTTP,
 * or nobody can look.
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
