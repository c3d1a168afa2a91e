import type { Pod, PodLossKind } from "../model/cluster.ts";

/** A pod that was lost, as it was last seen before. */
export interface PodLoss {
  readonly what: PodLossKind;
  readonly pod: Pod;
}

/**
 * What the watch tells of one pod: lost, or only no longer Ready, which is a loss when its node is.
 */
export interface PodSignal {
  readonly what: PodLossKind | "unready";
  readonly pod: Pod;
}

/**
 * A pod that served, stays, and is not Ready any more: the first that is heard of a node that fell
 * silent.
 */
export const becameUnready = (before: Pod, now: Pod | null): boolean =>
  before.ready && !before.terminating && !before.mirror && now !== null && !now.ready && lossOf(before, now) === null;

/**
 * What the difference between two looks at one pod means: a loss, or null. Only a pod that served
 * before can be lost, and only once.
 * @param now null when it is gone altogether
 */
export function lossOf(before: Pod, now: Pod | null): PodLoss["what"] | null {
  if (!before.ready || before.terminating || before.mirror) return null;
  const ending = now?.ending ?? before.ending;
  if (now !== null && now.restarts > before.restarts) return now.ending === "OOMKilled" ? "oom-killed" : "restarted";
  if (now?.phase === "Failed") return ending === undefined ? "failed" : (disruption(ending) ?? "failed");
  if (now === null || now.terminating) return (ending && disruption(ending)) || "deleted";
  return null;
}

/**
 * Reasons of the kubelet and of the condition DisruptionTarget:
 * https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-conditions
 */
function disruption(reason: string): PodLossKind | null {
  switch (reason) {
    case "Evicted":
    case "EvictionByEvictionAPI":
    case "TerminationByKubelet":
    case "DeletionByTaintManager":
      return "evicted";
    case "Preempted":
    case "PreemptionByScheduler":
      return "preempted";
    default:
      return null;
  }
}
