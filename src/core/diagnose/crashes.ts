import type { Pod } from "../model/cluster.ts";
import type { DiagnosisInput } from "./input.ts";
import type { PodsOfWorkload } from "./pods.ts";

/** Kubernetes ended the container for its memory: no loss of a dependency explains that. */
const OUT_OF_MEMORY = "OOMKilled";

/**
 * How often the container of one pod was started again since before the injection, the most of all
 * pods of a workload. 0 unless every pod from before is still there and was started again, none ran
 * out of memory, and none was restarting already in the time looked at before.
 */
export function crashesOf(
  { before, after }: PodsOfWorkload,
  { plan, t0Ms }: Pick<DiagnosisInput, "plan" | "t0Ms">,
): number {
  const fromMs = t0Ms - plan.geometry.beforeMs;
  const restarts = before.map((old) => {
    const now = after.find(({ uid }) => uid === old.uid);
    return now === undefined || now.ending === OUT_OF_MEMORY || wasRestarting(old, fromMs)
      ? 0
      : now.restarts - old.restarts;
  });
  return restarts.length > 0 && restarts.every((count) => count > 0) ? Math.max(...restarts) : 0;
}

/** Also when the API server did not say since when it runs: then nobody knows. */
const wasRestarting = ({ restarts, lastStartedAtMs }: Pod, fromMs: number): boolean =>
  restarts > 0 && (lastStartedAtMs === null || lastStartedAtMs >= fromMs);
