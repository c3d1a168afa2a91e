import type { V1PodDisruptionBudget } from "@kubernetes/client-node";
import type { DisruptionBudget } from "../../../core/model/cluster.ts";
import { type Labels, matchesSelector } from "./selectors.ts";

/** Answers which disruption budgets select a pod with these labels. */
export function budgetsByLabels(budgets: readonly V1PodDisruptionBudget[]): (labels: Labels) => DisruptionBudget[] {
  const read = budgets.map((one) => ({ selector: one.spec?.selector, budget: toBudget(one) }));
  return (labels) => read.filter(({ selector }) => matchesSelector(selector, labels)).map(({ budget }) => budget);
}

function toBudget({ metadata, spec, status }: V1PodDisruptionBudget): DisruptionBudget {
  const mayGo = unreadyMayGo(spec?.unhealthyPodEvictionPolicy, status?.currentHealthy, status?.desiredHealthy);
  return {
    name: metadata?.name ?? "",
    disruptionsAllowed: status?.disruptionsAllowed ?? 0,
    observed: status !== undefined && (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
    ...(mayGo ? { unreadyMayGo: true } : {}),
  };
}

/**
 * As the eviction API: `AlwaysAllow` lets pods go that are not Ready, `IfHealthyBudget` while as
 * many are healthy as are desired. k8s.io/kubernetes/pkg/registry/core/pod/storage/eviction.go
 */
const unreadyMayGo = (policy: string | undefined, healthy = 0, desired = 0): boolean =>
  policy === "AlwaysAllow" || (policy === "IfHealthyBudget" && healthy >= desired && desired > 0);
