import { rfc3339, type SimWorkload } from "./model.ts";
import type { KubeObject } from "./object-store.ts";

/** How many more pods of a workload may be evicted, and the numbers behind it. */
export interface BudgetState {
  readonly minAvailable: number;
  readonly healthy: number;
  readonly allowed: number;
}

/** Null without a disruption budget. */
export function budgetOf({ spec, pods }: SimWorkload): BudgetState | null {
  if (spec.minAvailable === null) return null;
  const healthy = pods.filter((pod) => pod.deletion === null && pod.ready).length;
  return { minAvailable: spec.minAvailable, healthy, allowed: Math.max(0, healthy - spec.minAvailable) };
}

export function budgetObject(workload: SimWorkload, uid: string, state: BudgetState): KubeObject {
  const { spec } = workload;
  return {
    metadata: {
      name: spec.name,
      namespace: spec.namespace,
      uid,
      generation: 1,
      creationTimestamp: rfc3339(workload.createdMs),
    },
    spec: { minAvailable: state.minAvailable, selector: { matchLabels: { app: spec.name } } },
    status: {
      observedGeneration: 1,
      disruptionsAllowed: state.allowed,
      currentHealthy: state.healthy,
      desiredHealthy: state.minAvailable,
      expectedPods: spec.replicas,
      conditions: [
        {
          type: "DisruptionAllowed",
          status: state.allowed > 0 ? "True" : "False",
          observedGeneration: 1,
          lastTransitionTime: rfc3339(workload.availableSinceMs),
          reason: state.allowed > 0 ? "SufficientPods" : "InsufficientPods",
          message: "",
        },
      ],
    },
  };
}
