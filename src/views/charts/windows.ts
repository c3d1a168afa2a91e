import { endMs } from "../../core/experiment/next.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";

/** The windows of an experiment in minutes from the injection. */
export interface WindowMinutes {
  readonly from: number;
  /** What happened at 0: `fault`, `pretended` for a sham, `lost` when it happened by itself. */
  readonly began: string;
  /** End of the early window. */
  readonly early: number | null;
  /** t_clear. */
  readonly clear: number | null;
  /** What is said of it: `back`, or `not back` when it came too late. */
  readonly cleared: string;
  readonly late: number | null;
  readonly to: number;
}

/** The windows with how far the curves go, which may be farther: up to the recovery. */
export interface ChartMinutes extends WindowMinutes {
  readonly axisTo: number;
  /** When open damage ended; null: it did not, or that was not observed. */
  readonly recovered: number | null;
}

/** The axis reaches the recovery and a little more, where steps were kept for so long. */
export function chartMinutes(windows: WindowMinutes, recovered: number | null, lastStep: number): ChartMinutes {
  const isSeen = recovered !== null && recovered <= lastStep;
  const axisTo = isSeen ? Math.max(windows.to, Math.min(recovered + AFTER_RECOVERY_MINUTES, lastStep)) : windows.to;
  return { ...windows, axisTo, recovered: isSeen ? recovered : null };
}

/** So long it is shown that it stays well. */
const AFTER_RECOVERY_MINUTES = 3;

/** When what was looked at, or null for an experiment that never began. */
export function windowsOf(state: ExperimentState): WindowMinutes | null {
  const { plan, t0Ms, clearMs } = state;
  if (plan === null || t0Ms === null) return null;
  const minutes = (ms: number): number => ms / 60_000;
  const { beforeMs, earlyMs, lateMs } = plan.geometry;
  return {
    from: -minutes(beforeMs),
    began: plan.sham ? "pretended" : plan.natural === undefined ? "fault" : "lost",
    early: minutes(earlyMs),
    clear: clearMs === null ? null : minutes(clearMs - t0Ms),
    cleared: state.clearHow === "late" ? "not back" : "back",
    late: clearMs === null ? null : minutes(endMs(state) - lateMs - t0Ms),
    to: clearMs === null ? minutes(earlyMs) : minutes(endMs(state) - t0Ms),
  };
}
