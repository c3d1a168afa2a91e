import type { V1DaemonSet, V1Deployment, V1StatefulSet } from "@kubernetes/client-node";

/**
 * Why a rollout is under way, or null: kubectl's rules.
 * k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go. A pod that was just lost makes a
 * Deployment unavailable, and that counts too.
 */
export function deploymentRollout({ metadata, spec, status }: V1Deployment): string | null {
  const wanted = spec?.replicas ?? 1;
  const updated = status?.updatedReplicas ?? 0;
  const available = status?.availableReplicas ?? 0;
  const old = (status?.replicas ?? 0) - updated;
  if (unseen(metadata?.generation, status?.observedGeneration))
    return "its newest spec was not yet seen by the controller";
  const progressing = status?.conditions?.find((one) => one.type === "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") return "the rollout exceeded its progress deadline";
  if (updated < wanted) {
    const paused = spec?.paused === true ? "it is paused, and " : "";
    return `${paused}${updated} of ${wanted} replicas are updated`;
  }
  if (old > 0) return `${old} old replica(s) still to be removed`;
  if (available < updated) return `${available} of ${updated} updated replicas are available`;
  return null;
}

export function statefulSetRollout({ metadata, spec, status }: V1StatefulSet): string | null {
  const wanted = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  const updated = status?.updatedReplicas ?? 0;
  if (unseen(metadata?.generation, status?.observedGeneration))
    return "its newest spec was not yet seen by the controller";
  if (ready < wanted) return `${ready} of ${wanted} replicas are ready`;
  const available = status?.availableReplicas ?? 0;
  if ((spec?.minReadySeconds ?? 0) > 0 && available < wanted) {
    return `${available} of ${wanted} replicas are available`;
  }
  if (spec?.updateStrategy?.type === "OnDelete") return null;
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (partition > 0) {
    return updated < wanted - partition ? `${updated} of ${wanted - partition} replicas are updated` : null;
  }
  if (status?.updateRevision !== status?.currentRevision) return `${updated} of ${wanted} replicas are updated`;
  return null;
}

export function daemonSetRollout({ metadata, spec, status }: V1DaemonSet): string | null {
  const wanted = status?.desiredNumberScheduled ?? 0;
  const updated = status?.updatedNumberScheduled ?? 0;
  const available = status?.numberAvailable ?? 0;
  if (unseen(metadata?.generation, status?.observedGeneration))
    return "its newest spec was not yet seen by the controller";
  if (spec?.updateStrategy?.type === "OnDelete") return null;
  if (updated < wanted) return `${updated} of ${wanted} pods are updated`;
  if (available < wanted) return `${available} of ${wanted} pods are available`;
  return null;
}

const unseen = (generation = 0, observed = 0): boolean => generation > observed;
