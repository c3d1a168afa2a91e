import type { ClusterSnapshot, Pod, PodRef, WorkloadRef } from "../core/model/cluster.ts";

/**
 * Reads of the Kubernetes API. Every method rejects with `cluster-unavailable`, `cluster-forbidden`
 * or `cluster-throttled`.
 */
export interface ClusterReader {
  /**
   * Fresh lists (no cache) of these namespaces and of all nodes. Namespaces that do not exist are
   * absent from the answer.
   */
  snapshot(namespaces: readonly string[], signal: AbortSignal): Promise<ClusterSnapshot>;
  /**
   * Fresh facts of these workloads alone, in as few requests as possible whatever else their
   * namespaces hold: they, their pods, budgets, autoscalers, Services and namespaces; no nodes. A
   * workload that is gone is absent.
   * @param earlier an answer of this reader, seconds old at most, from which it may go on: what
   * changes within seconds without the workload itself being changed (workloads, pods, budgets) is
   * asked for each time, the rest only when it is older
   */
  lookAgain(
    workloads: readonly WorkloadRef[],
    signal: AbortSignal,
    earlier?: ClusterSnapshot,
  ): Promise<ClusterSnapshot>;
  /** Names of all namespaces. */
  namespaces(signal: AbortSignal): Promise<readonly string[]>;
  /**
   * The pod with this name now, or null; compare its uid: a replacement may carry the same name.
   */
  pod(ref: Pick<PodRef, "namespace" | "name">, signal: AbortSignal): Promise<Pod | null>;
  /** All pods of one workload now. */
  podsOf(workload: WorkloadRef, signal: AbortSignal): Promise<readonly Pod[]>;
  /** What this process may do: one answer per question, in order. */
  mayI(questions: readonly AccessQuestion[], signal: AbortSignal): Promise<readonly boolean[]>;
}

/** One SelfSubjectAccessReview. */
export interface AccessQuestion {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  /** One object alone. */
  readonly name?: string;
}
