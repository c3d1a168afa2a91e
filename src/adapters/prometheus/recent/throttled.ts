import type { ThrottledPod } from "../../../core/experiment/throttled.ts";
import { SECOND_MS, type Window } from "../../../core/model/units.ts";
import type { Session } from "../client/session.ts";

/**
 * In which share of their scheduling periods the pods of `namespaces` were held back by a CPU
 * limit, as the kubelet's cAdvisor counts. One request. Pods without a limit are left out.
 */
export async function readThrottled(
  session: Session,
  namespaces: readonly string[],
  { fromMs, toMs }: Window,
): Promise<readonly ThrottledPod[]> {
  // names of namespaces have no character that a regular expression minds
  const pods = `{namespace=~"${namespaces.join("|")}",container!="",pod!=""}`;
  const range = `[${Math.max(Math.round((toMs - fromMs) / SECOND_MS), 1)}s]`;
  const counted = (what: string): string =>
    `sum by (namespace, pod) (increase(container_cpu_cfs_${what}_total${pods}${range}))`;
  const rows = await session.rows(`${counted("throttled_periods")} / ${counted("periods")}`, toMs);
  return rows.flatMap(({ labels: { namespace, pod }, value }) =>
    namespace === undefined || pod === undefined || !(value >= 0)
      ? []
      : [{ namespace, pod, share: Math.min(value, 1) }],
  );
}
