import type { ExperimentState } from "../../model/experiment.ts";
import type { MinuteScores } from "../../model/minutes.ts";
import type { MinuteAudit } from "../../model/weekly-report.ts";
import type { Rank } from "../../stats/rank-bet.ts";
import { type DrawnLevel, rerandomisedSum } from "../../stats/rerandomised-sum.ts";
import { unevenSince } from "../../stats/uneven-since.ts";

/** While our minutes are like others, they are doubted at most once in so many shams. */
const RUN_LENGTH = 400;
/**
 * Ranks are summed up in so many steps: enough for a mean, and three months of shams are put
 * together in a few milliseconds.
 */
const RANK_STEPS = 10;

/**
 * Are the minutes of the shams like those that could have been drawn instead? When nothing
 * follows from the act of an experiment, each is as likely as any other to look bad. It is not so
 * when somebody's job runs at the same minutes, when our own queries are felt, or when the draw is
 * not uniform (judge.md §2.6 (c)).
 * @param shams in order of time
 */
export function minuteAudit(shams: readonly ExperimentState[]): MinuteAudit {
  const kept = shams.flatMap((state) =>
    state.minutes.filter(({ test }) => test === null).map((minutes) => ({ minutes, atMs: state.t0Ms })),
  );
  if (kept.length === 0) return { shams: 0, worseThan: null, p: null, unevenSinceMs: null };
  const ranks = kept.map(({ minutes: { counts, drawn } }) => ranksOf(counts)[drawn]!);
  const worse = ranks.reduce((sum, { above, tied }) => sum + 1 - above - tied / 2, 0);
  const { atLeast, atMost } = rerandomisedSum(kept.map(({ minutes }) => inRankSteps(minutes)));
  const since = unevenSince(ranks, RUN_LENGTH);
  return {
    shams: kept.length,
    worseThan: worse / kept.length,
    p: Math.min(1, 2 * Math.min(atLeast, atMost)),
    unevenSinceMs: since === null ? null : (kept[since]?.atMs ?? null),
  };
}

/** Where each level stands among all minutes, the worst first. */
function ranksOf(counts: readonly number[]): Rank[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  let reached = 0;
  return counts.map((count) => {
    reached += count;
    return { above: (all - reached) / all, tied: count / all };
  });
}

/**
 * The same minutes by their middle rank instead of their score: no single sham weighs more than
 * another.
 */
function inRankSteps({ counts, drawn }: MinuteScores): DrawnLevel {
  const steps = ranksOf(counts).map(({ above, tied }) => Math.round((1 - above - tied / 2) * RANK_STEPS));
  const byStep = new Array<number>(RANK_STEPS + 1).fill(0);
  counts.forEach((count, level) => {
    byStep[steps[level]!]! += count;
  });
  return { counts: byStep, drawn: steps[drawn]! };
}
