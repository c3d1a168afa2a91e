import { type ClusterSnapshot, isForeign, type Pod, type Workload, workloadKey } from "../model/cluster.ts";
import { SECOND_MS } from "../model/units.ts";

/** By how much clocks may differ that nobody set, ms. */
const CLOCKS_DIFFER_MS = 30 * SECOND_MS;

/**
 * A later snapshot without times that cannot be: what is not in the earlier one did not begin
 * before it. Somebody set the API server's clock back meanwhile, and a pod that came since looks
 * older than what it replaced. Such a time becomes `nowMs`, for it was not later; since when a pod
 * is Ready is not known then.
 */
export function withoutSetClock(before: ClusterSnapshot, after: ClusterSnapshot, nowMs: number): ClusterSnapshot {
  const possibleMs = before.takenAtMs - CLOCKS_DIFFER_MS;
  const pods = new Map(before.pods.map((pod) => [pod.uid, pod]));
  const workloads = new Map(before.workloads.map((one) => [workloadKey(one), one]));
  const mended = (ms: number, beforeMs: number | null | undefined): number =>
    ms !== beforeMs && ms < possibleMs ? nowMs : ms;
  const pod = (one: Pod): Pod => {
    const old = pods.get(one.uid);
    const { createdAtMs, lastStartedAtMs, readySinceMs } = one;
    const readyMs = readySinceMs === null ? null : mended(readySinceMs, old?.readySinceMs);
    return {
      ...one,
      createdAtMs: mended(createdAtMs, old?.createdAtMs),
      lastStartedAtMs: lastStartedAtMs === null ? null : mended(lastStartedAtMs, old?.lastStartedAtMs),
      readySinceMs: readyMs === readySinceMs ? readySinceMs : null,
    };
  };
  const workload = (one: Workload): Workload => {
    const old = workloads.get(workloadKey(one));
    // of other owners the pods that are left tell it: it changes with them
    if (old === undefined || one.rolledOutAtMs === null || isForeign(one.kind)) return one;
    return { ...one, rolledOutAtMs: mended(one.rolledOutAtMs, old.rolledOutAtMs) };
  };
  return { ...after, pods: after.pods.map(pod), workloads: after.workloads.map(workload) };
}
