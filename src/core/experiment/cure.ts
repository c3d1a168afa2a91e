import { type ClusterSnapshot, type ServiceId, type Workload, workloadKey, workloadName } from "../model/cluster.ts";

/**
 * What changed in the workloads behind `services` between the injection and the recovery, and may have cured them: a rollout, or pods that
 * were started again. Null when nothing of the kind was seen.
 */
export function cureOf(
  snapshot: ClusterSnapshot,
  services: readonly ServiceId[],
  t0Ms: number,
  recoveredMs: number,
): string | null {
  const behind = snapshot.workloads.filter((workload) =>
    workload.services.some((service) => services.includes(service)),
  );
  const within = (atMs: number | null): boolean => atMs !== null && t0Ms < atMs && atMs <= recoveredMs;
  const rolledOut = behind.filter((workload) => within(workload.rolledOutAtMs));
  if (rolledOut.length > 0) return `a rollout of ${namesOf(rolledOut)}`;
  const restarted = behind.filter((workload) => {
    const pods = snapshot.pods.filter((pod) => workloadKey(pod.workload) === workloadKey(workload));
    return pods.length > 0 && pods.every((pod) => within(Math.max(pod.createdAtMs, pod.lastStartedAtMs ?? 0)));
  });
  return restarted.length > 0 ? `a restart of every pod of ${namesOf(restarted)}` : null;
}

const namesOf = (workloads: readonly Workload[]): string => workloads.map(workloadName).join(" and ");
