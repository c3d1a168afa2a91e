import type { DisruptionBudget, Pod, Workload } from "../../model/cluster.ts";
import { counted } from "../../text/format.ts";
import type { Check } from "../facts.ts";

/**
 * Budgets of a pod as its labels are now; where nobody looked at the pod, all of its workload's.
 */
export const budgetsOf = (pod: Pod, workload: Workload): readonly DisruptionBudget[] => pod.budgets ?? workload.budgets;

/** Whether taking this pod costs the budget a disruption. */
const counts = (pod: Pod, budget: DisruptionBudget): boolean => pod.ready || budget.unreadyMayGo !== true;

const whyNotOne = (budget: DisruptionBudget): string | null => {
  if (!budget.observed) return `disruption budget ${budget.name} is not up to date yet`;
  if (budget.disruptionsAllowed > 0) return null;
  const why = budget.failing === undefined ? "" : ` (Kubernetes cannot compute it: ${budget.failing})`;
  return `disruption budget ${budget.name} allows no disruption now${why}`;
};

/** Why no disruption budget lets this pod go, or null. */
export function whyNotBudget(pod: Pod, workload: Workload): string | null {
  const costing = budgetsOf(pod, workload).filter((budget) => counts(pod, budget));
  return costing.map(whyNotOne).find((why) => why !== null) ?? null;
}

/** A pod that would go, with its owner. */
export interface Going {
  readonly pod: Pod;
  readonly workload: Workload;
}

/** Why these pods must not go together, or null: one budget may count pods of several workloads. */
export function whyOverBudget(going: readonly Going[]): string | null {
  const costs = going.flatMap(({ pod, workload }) =>
    budgetsOf(pod, workload)
      .filter((budget) => counts(pod, budget))
      .map((budget) => ({ namespace: pod.namespace, budget })),
  );
  for (const same of Map.groupBy(costs, ({ namespace, budget }) => `${namespace}/${budget.name}`).values()) {
    const { budget } = same[0]!;
    const whyNone = whyNotOne(budget);
    if (whyNone !== null) return whyNone;
    if (budget.disruptionsAllowed < same.length) {
      return `disruption budget ${budget.name} allows ${counted(budget.disruptionsAllowed, "disruption")} now, and ${same.length} pods would go`;
    }
  }
  return null;
}

/**
 * The eviction API refuses a pod that several budgets select:
 * k8s.io/kubernetes/pkg/registry/core/pod/storage/eviction.go
 */
export function whyNotEvicted(pod: Pod, workload: Workload): string | null {
  const budgets = budgetsOf(pod, workload);
  return pod.budgets === undefined || budgets.length < 2
    ? null
    : `${budgets.length} disruption budgets select it (${budgets.map(({ name }) => name).join(", ")}), and Kubernetes evicts no such pod`;
}

/** Of the workload as a whole: only what stops every one of its pods. */
export const budgetsAllow: Check = ({ workload, pods }) => {
  const living = pods.filter((pod) => !pod.terminating);
  if (living.length === 0) return workload.budgets.map(whyNotOne).find((why) => why !== null) ?? null;
  const reasons = living.map((pod) => whyNotBudget(pod, workload));
  return reasons.includes(null) ? null : [...new Set(reasons)].join("; ");
};
