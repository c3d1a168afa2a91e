import type { V1Pod } from "@kubernetes/client-node";
import type { DisruptionBudget, ServiceId } from "../../../core/model/cluster.ts";
import { budgetsByLabels } from "./budgets.ts";
import type { NamespaceLists } from "./namespace-lists.ts";
import { servicesOfPods } from "./services.ts";

/** The disruption budgets that cover a pod, and the Services that lead to it. */
export interface AroundPod {
  readonly budgets: readonly DisruptionBudget[];
  readonly services: readonly ServiceId[];
}

/** Looked up for each pod: pods of one workload can have different labels. */
export function aroundPods(
  lists: Pick<NamespaceLists, "budgets" | "pods" | "whole" | "services" | "endpointSlices">,
): (pod: V1Pod) => AroundPod {
  const budgetsOf = budgetsByLabels(lists.budgets, lists.whole === true ? lists.pods : null);
  const servicesOf = servicesOfPods(lists);
  return (pod) => ({ budgets: budgetsOf(pod.metadata?.labels ?? {}), services: servicesOf(pod) });
}
