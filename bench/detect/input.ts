import type { Call, JudgeInput } from "../../src/core/judge/judge.ts";
import type { MinimumEffect } from "../../src/core/model/policy.ts";
import { type Adapted, adapt } from "./adapt.ts";
import type { Job } from "./jobs.ts";
import type { History } from "./record.ts";
import { onGrid } from "./samples.ts";
import { type SetWindows, stepSeconds } from "./windows.ts";

/**
 * Failures that must be in excess: judge.md §2.16 step 5, for records whose steps hold few
 * failures.
 */
const EFFECT: MinimumEffect = {
  failureShare: 0.005,
  excessFailures: 3,
  latencyRatio: 1.15,
  rateFall: 0.2,
  missingRequests: 20,
};

/** What the judge is asked about one job, without any history, and what it is made of. */
export function inputOf(job: Job, windows: SetWindows): { input: JudgeInput; adapted: Adapted } {
  const { like } = job;
  const stepS = stepSeconds(windows);
  const shift = job.t0 - job.likeT0;
  const first = like.firstS + shift - windows.sampleS / 2;
  const hidden = like.masked.map(([from, to]) => [from + shift, to + shift] as const);
  const reach = Math.max(Math.ceil((Math.floor((job.likeT0 - like.firstS) / windows.sampleS) + 1) / windows.factor), 1);
  const [before, after] = [Math.min(reach, windows.before), windows.after];
  const { factor, sampleS } = windows;
  const cut = { before: before * factor, after: after * factor, t0: job.t0, stepS: sampleS };
  const adapted = adapt(job.series, before + after, factor, (s) => onGrid(s, cut, hidden, first));
  const stepMs = stepS * 1_000;
  const t0Ms = job.t0 * 1_000;
  const calls: Call[] = like.edges.map(([caller, callee]) => ({ caller, callee }));
  const input: JudgeInput = {
    observation: {
      grid: { startMs: t0Ms - before * stepMs, stepMs, steps: before + after },
      services: adapted.services,
      sourceRequests: 0,
      notes: [],
    },
    quantiles: adapted.quantiles,
    history: null,
    historyQuantiles: [],
    excluded: [],
    t0Ms,
    clearMs: t0Ms,
    geometry: { stepMs, beforeMs: before * stepMs, earlyMs: after * stepMs, graceMs: 0, lateMs: 0 },
    minimumEffect: EFFECT,
    calls,
    concerned: [],
  };
  return { input, adapted };
}

/** The same with a history, of which the window itself is no part. */
export function withHistory(input: JudgeInput, history: History): JudgeInput {
  const { startMs, stepMs, steps } = input.observation.grid;
  const own = history.windows(startMs / 1_000, (startMs + steps * stepMs) / 1_000);
  return {
    ...input,
    history: history.observation,
    historyQuantiles: history.quantiles,
    excluded: [...history.suspect, ...own],
  };
}
