import type { ClusterSnapshot, ServiceId } from "../model/cluster.ts";
import { type Audience, NOBODY } from "../text/notice.ts";

/**
 * Annotation or label of a workload: who owns it (a name, or a Slack id to mention), and which
 * route its messages take.
 */
export const OWNER_KEY = "aftershock.dev/owner";
export const ROUTE_KEY = "aftershock.dev/slack";

/**
 * Whom news of `services` concerns, by the workloads behind them; the first that names an owner or
 * a route decides.
 */
export function audienceOf(snapshot: ClusterSnapshot | null, services: readonly ServiceId[]): Audience {
  if (snapshot === null) return NOBODY;
  const own = services.flatMap((service) => snapshot.workloads.filter((one) => one.services.includes(service)));
  const first = (key: string): string | null =>
    own.map(({ annotations, labels }) => annotations[key] ?? labels[key]).find((value) => value !== undefined) ?? null;
  return {
    owner: first(OWNER_KEY),
    route: first(ROUTE_KEY),
    workloads: own.map(({ namespace, labels }) => ({ namespace, labels })),
  };
}
