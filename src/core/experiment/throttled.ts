import { type ClusterSnapshot, type ServiceId, workloadKey } from "../model/cluster.ts";
import { formatShare } from "../text/format.ts";

/** How often one pod was held back by its CPU limit. */
export interface ThrottledPod {
  readonly namespace: string;
  readonly pod: string;
  /** Share of its scheduling periods, 0…1. */
  readonly share: number;
}

/** A quarter of the periods is told, when it is twice what it was before. */
const TOLD_SHARE = 0.25;
const TIMES = 2;

/**
 * Why services of `slow` may have become slow: their pods were held back by their CPU limits, which
 * those that are left reach when they do the work of one that is gone. One sentence each. It
 * explains and excuses nothing: a limit that is too low is the service's own.
 */
export function throttledTold(
  slow: readonly ServiceId[],
  before: readonly ThrottledPod[],
  after: readonly ThrottledPod[],
  snapshots: readonly ClusterSnapshot[],
): readonly string[] {
  return slow.flatMap((service) => {
    const pods = podsOf(service, snapshots);
    const largest = (of: readonly ThrottledPod[]): number =>
      Math.max(0, ...of.filter((one) => pods.has(`${one.namespace}/${one.pod}`)).map(({ share }) => share));
    const [was, is] = [largest(before), largest(after)];
    if (is < TOLD_SHARE || is < TIMES * was) return [];
    return [
      `A pod of ${service} was held back by its CPU limit in ${formatShare(is)} of the time slices (before: ${formatShare(was)}); a higher limit would help.`,
    ];
  });
}

function podsOf(service: ServiceId, snapshots: readonly ClusterSnapshot[]): ReadonlySet<string> {
  return new Set(
    snapshots.flatMap(({ workloads, pods }) => {
      const own = new Set(workloads.filter((one) => one.services.includes(service)).map(workloadKey));
      return pods
        .filter((pod) =>
          pod.services === undefined ? own.has(workloadKey(pod.workload)) : pod.services.includes(service),
        )
        .map(({ namespace, name }) => `${namespace}/${name}`);
    }),
  );
}
