import {
  type ClusterSnapshot,
  type Pod,
  type ServiceId,
  type Workload,
  workloadKey,
  workloadName,
} from "../model/cluster.ts";

/**
 * What changed in the workloads behind `services` between the injection and the recovery, and may
 * have cured them: a rollout, or pods that were started again. Null when nothing of the kind was
 * seen.
 */
export function cureOf(
  snapshot: ClusterSnapshot,
  services: readonly ServiceId[],
  t0Ms: number,
  recoveredMs: number,
): string | null {
  const rollout = rolloutOf(snapshot, services, t0Ms, recoveredMs);
  if (rollout !== null) return rollout;
  const startedMs = (pod: Pod): number => Math.max(pod.createdAtMs, pod.lastStartedAtMs ?? 0);
  const restarted = behind(snapshot, services).filter((workload) =>
    everyPod(snapshot, workload, (pod) => isWithin(startedMs(pod), t0Ms, recoveredMs)),
  );
  return restarted.length > 0 ? `a restart of every pod of ${namesOf(restarted)}` : null;
}

/**
 * What was done to the workloads behind `services` from outside: a rollout, or new pods in place of
 * all. Containers that start again are not: a workload heals itself in that way. Null when nothing
 * of the kind was seen.
 */
export function doneFromOutside(
  snapshot: ClusterSnapshot,
  services: readonly ServiceId[],
  fromMs: number,
  toMs: number,
): string | null {
  const rollout = rolloutOf(snapshot, services, fromMs, toMs);
  if (rollout !== null) return rollout;
  const replaced = behind(snapshot, services).filter((workload) =>
    everyPod(snapshot, workload, (pod) => isWithin(pod.createdAtMs, fromMs, toMs)),
  );
  return replaced.length > 0 ? `new pods in place of all of ${namesOf(replaced)}` : null;
}

function rolloutOf(
  snapshot: ClusterSnapshot,
  services: readonly ServiceId[],
  fromMs: number,
  toMs: number,
): string | null {
  const rolledOut = behind(snapshot, services).filter(({ rolledOutAtMs }) => isWithin(rolledOutAtMs, fromMs, toMs));
  return rolledOut.length > 0 ? `a rollout of ${namesOf(rolledOut)}` : null;
}

function everyPod(snapshot: ClusterSnapshot, workload: Workload, holds: (pod: Pod) => boolean): boolean {
  const pods = snapshot.pods.filter((pod) => workloadKey(pod.workload) === workloadKey(workload));
  return pods.length > 0 && pods.every(holds);
}

const behind = ({ workloads }: ClusterSnapshot, services: readonly ServiceId[]): readonly Workload[] =>
  workloads.filter((workload) => workload.services.some((service) => services.includes(service)));

const isWithin = (atMs: number | null, fromMs: number, toMs: number): boolean =>
  atMs !== null && fromMs < atMs && atMs <= toMs;

const namesOf = (workloads: readonly Workload[]): string => workloads.map(workloadName).join(" and ");
