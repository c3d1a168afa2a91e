import type { V1Pod, V1PodDisruptionBudget } from "@kubernetes/client-node";
import type { DisruptionBudget } from "../../../core/model/cluster.ts";
import { type Labels, matchesSelector } from "./selectors.ts";

/**
 * Answers which disruption budgets select a pod with these labels.
 * @param pods all of the namespace: a budget whose numbers count more of them as healthy than there
 * are is behind; null where not all are known
 */
export function budgetsByLabels(
  budgets: readonly V1PodDisruptionBudget[],
  pods: readonly V1Pod[] | null,
): (labels: Labels) => DisruptionBudget[] {
  const read = budgets.map((one) => {
    const selector = one.spec?.selector;
    const budget = toBudget(one);
    const healthy = pods?.filter((pod) => isHealthy(pod) && matchesSelector(selector, pod.metadata?.labels ?? {}));
    const behind = healthy !== undefined && healthy.length < (one.status?.currentHealthy ?? 0);
    return { selector, budget: behind ? { ...budget, observed: false } : budget };
  });
  return (labels) => read.filter(({ selector }) => matchesSelector(selector, labels)).map(({ budget }) => budget);
}

/** As the budgets' controller counts. */
const isHealthy = ({ metadata, status }: V1Pod): boolean =>
  metadata?.deletionTimestamp === undefined &&
  (status?.conditions ?? []).some((one) => one.type === "Ready" && one.status === "True");

function toBudget({ metadata, spec, status }: V1PodDisruptionBudget): DisruptionBudget {
  const mayGo = unreadyMayGo(spec?.unhealthyPodEvictionPolicy, status?.currentHealthy, status?.desiredHealthy);
  // a percentage of pods whose owner does not tell how many it wants
  const failed = status?.conditions?.find((one) => one.type === "DisruptionAllowed" && one.reason === "SyncFailed");
  return {
    name: metadata?.name ?? "",
    disruptionsAllowed: status?.disruptionsAllowed ?? 0,
    observed: status !== undefined && (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
    ...(mayGo ? { unreadyMayGo: true } : {}),
    ...(failed === undefined ? {} : { failing: failed.message || failed.reason || "no reason given" }),
  };
}

/**
 * As the eviction API: `AlwaysAllow` lets pods go that are not Ready, `IfHealthyBudget` while as
 * many are healthy as are desired. k8s.io/kubernetes/pkg/registry/core/pod/storage/eviction.go
 */
const unreadyMayGo = (policy: string | undefined, healthy = 0, desired = 0): boolean =>
  policy === "AlwaysAllow" || (policy === "IfHealthyBudget" && healthy >= desired && desired > 0);
