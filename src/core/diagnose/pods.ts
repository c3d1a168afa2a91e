import { type ClusterSnapshot, type Pod, type Workload, workloadKey } from "../model/cluster.ts";
import type { Target } from "../model/fault.ts";

/** The pods of one workload before and after, without those on their way out. */
export interface PodsOfWorkload {
  readonly before: readonly Pod[];
  readonly after: readonly Pod[];
}

export function podsOf(workload: Workload, before: ClusterSnapshot, after: ClusterSnapshot): PodsOfWorkload {
  const mine = (pod: Pod): boolean => workloadKey(pod.workload) === workloadKey(workload) && !pod.terminating;
  return { before: before.pods.filter(mine), after: after.pods.filter(mine) };
}

/** Pods that were not there before. */
const newcomersIn = ({ before, after }: PodsOfWorkload): Pod[] =>
  after.filter(({ uid }) => !before.some((old) => old.uid === uid));

/** Pods of `hit` that stayed, and in which a container was started again. */
export const restartedIn = (hit: Target["pods"], { before, after }: PodsOfWorkload): Pod[] =>
  after.filter((pod) => {
    const old = before.find(({ uid }) => uid === pod.uid);
    return old !== undefined && pod.restarts > old.restarts && hit.some(({ uid }) => uid === pod.uid);
  });

/** What stands in for the pods that were hit: pods that came, or the same ones started again. */
export const replacementsIn = (hit: Target["pods"], pods: PodsOfWorkload): Pod[] => [
  ...newcomersIn(pods),
  ...restartedIn(hit, pods),
];

/**
 * Everything that was hit is gone or was started again, something stands in for it, and no replica
 * is missing.
 */
export function isReplaced(hit: Target["pods"], pods: PodsOfWorkload, replicas: number): boolean {
  const again = restartedIn(hit, pods);
  const went = ({ uid }: { readonly uid: string }): boolean =>
    again.some((pod) => pod.uid === uid) || !pods.after.some((pod) => pod.uid === uid);
  return hit.length > 0 && hit.every(went) && replacementsIn(hit, pods).length > 0 && pods.after.length >= replicas;
}

export const allReady = (pods: readonly Pod[], replicas: number): boolean =>
  pods.length > 0 && pods.length >= replicas && pods.every(({ ready }) => ready);

/** Every pod from before is still there, and none of its containers was started again. */
export function areUnchanged({ before, after }: PodsOfWorkload): boolean {
  return (
    before.length > 0 &&
    before.every((old) => after.some((pod) => pod.uid === old.uid && pod.restarts === old.restarts))
  );
}

/** Ready since before `atMs`; false when the API server did not say since when. */
export const readySince = (pods: readonly Pod[], atMs: number): boolean =>
  pods.length > 0 && pods.every(({ ready, readySinceMs }) => ready && readySinceMs !== null && readySinceMs <= atMs);

/** Pods of `hit` were lost, and every other one from before is there and was Ready since `atMs`. */
export function othersReady(hit: Target["pods"], { before, after }: PodsOfWorkload, atMs: number): boolean {
  const others = before.filter(({ uid }) => !hit.some((one) => one.uid === uid));
  const now = after.filter(({ uid }) => others.some((one) => one.uid === uid));
  return hit.length > 0 && now.length === others.length && readySince(now, atMs);
}

/**
 * Ms from `t0Ms` until the last replacement was Ready, or null when one is not, or when the API
 * server did not say.
 */
export function readyAfterMs(replacements: readonly Pod[], t0Ms: number): number | null {
  if (replacements.length === 0 || replacements.some(({ ready, readySinceMs }) => !ready || readySinceMs === null)) {
    return null;
  }
  return Math.max(0, ...replacements.map(({ readySinceMs }) => (readySinceMs ?? t0Ms) - t0Ms));
}

/**
 * Whether every container of `pods` was started before the first of `replacements` came: was
 * created, or, if it is of those that were `restarted`, was started again.
 */
export function startedBefore(
  pods: readonly Pod[],
  replacements: readonly Pod[],
  restarted: readonly Pod[] = [],
): boolean {
  if (pods.length === 0 || replacements.length === 0) return false;
  const came = (pod: Pod): number =>
    restarted.includes(pod) ? (pod.lastStartedAtMs ?? pod.createdAtMs) : pod.createdAtMs;
  const firstMs = Math.min(...replacements.map(came));
  return pods.every((pod) => Math.max(pod.createdAtMs, pod.lastStartedAtMs ?? 0) < firstMs);
}
