import type {
  V1ControllerRevision,
  V1DaemonSet,
  V1Deployment,
  V1ReplicaSet,
  V1StatefulSet,
} from "@kubernetes/client-node";
import { newest, timeMs } from "../client/time.ts";
import { controllerOf } from "./owners.ts";

const REVISION_ANNOTATION = "deployment.kubernetes.io/revision";

/**
 * When a Deployment's pod template changed last, ms, or null when nothing tells. That is the birth
 * of the ReplicaSet with the highest revision; after a roll-back this ReplicaSet is an old one, and
 * the end of the rollout (condition Progressing) is the best that is known.
 */
export function deploymentRolledOut(deployment: V1Deployment, replicaSets: readonly V1ReplicaSet[]): number | null {
  const own = replicaSets.filter((one) => controllerOf(one.metadata)?.uid === deployment.metadata?.uid);
  const revision = (one: V1ReplicaSet) => Number(one.metadata?.annotations?.[REVISION_ANNOTATION] ?? 0);
  const current = own.reduce<V1ReplicaSet | null>(
    (best, one) => (best && revision(best) >= revision(one) ? best : one),
    null,
  );
  const born = timeMs(current?.metadata?.creationTimestamp);
  const youngest = newest(own.map((one) => one.metadata?.creationTimestamp));
  if (born === youngest) return born;
  const progressing = deployment.status?.conditions?.find((one) => one.type === "Progressing");
  return newest([progressing?.lastUpdateTime, current?.metadata?.creationTimestamp]);
}

/**
 * When the pod template of a StatefulSet or DaemonSet changed last: the birth of its newest
 * controller revision.
 */
export function revisionRolledOut(uid: string | undefined, revisions: readonly V1ControllerRevision[]): number | null {
  return newest(
    revisions
      .filter((one) => uid !== undefined && controllerOf(one.metadata)?.uid === uid)
      .map((one) => one.metadata?.creationTimestamp),
  );
}

/** Label of a pod, with the name (StatefulSets) or the hash (DaemonSets) of its revision. */
export const REVISION_LABEL = "controller-revision-hash";

/**
 * With the update strategy OnDelete, the revision that a replacement would have: pods keep theirs
 * until they go. Null with any other strategy, and when nothing tells.
 */
export function revisionOnDelete(
  set: V1StatefulSet | V1DaemonSet,
  revisions: readonly V1ControllerRevision[],
): string | null {
  if (set.spec?.updateStrategy?.type !== "OnDelete") return null;
  if (set.status !== undefined && "updateRevision" in set.status) return set.status.updateRevision ?? null;
  const own = revisions.filter((one) => controllerOf(one.metadata)?.uid === set.metadata?.uid);
  const newest = own.reduce<V1ControllerRevision | null>(
    (best, one) => (best !== null && best.revision >= one.revision ? best : one),
    null,
  );
  return newest?.metadata?.labels?.[REVISION_LABEL] ?? null;
}
