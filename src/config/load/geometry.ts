import type { CrossProblem } from "../policy/cross-checks.ts";
import type { ConfigFile } from "../schema/schema.ts";
import { formatDuration } from "../values/duration.ts";

/** The judge says `insufficient` with fewer steps than this before, or after (judge.md §2.0). */
const LEAST_STEPS = 3;

/** Windows that no judge could use: not whole steps, or too few of them. */
export function geometryProblems({ step, before, early, grace, late }: ConfigFile["observation"]): CrossProblem[] {
  const windows = Object.entries({ before, early, grace, late });
  const uneven = windows
    .filter(([, ms]) => ms % step !== 0)
    .map(([name, ms]) => ({
      path: ["observation", name],
      message: `${formatDuration(ms)} is not a whole number of steps of ${formatDuration(step)}`,
    }));
  const short = windows
    .filter(([name, ms]) => (name === "before" || name === "late") && ms < LEAST_STEPS * step)
    .map(([name, ms]) => ({
      path: ["observation", name],
      message: `${formatDuration(ms)} is too short; expected at least ${LEAST_STEPS} steps of ${formatDuration(step)}`,
    }));
  return [...uneven, ...short];
}
