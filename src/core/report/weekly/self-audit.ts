import { Q_WITH_RECORD } from "../../judge/input/constants.ts";
import type { ExperimentState } from "../../model/experiment.ts";
import { falseAlarmOf, isSham } from "../../model/outcome.ts";
import { DAY_MS } from "../../model/units.ts";
import type { SelfAudit, ShareOf } from "../../model/weekly-report.ts";
import { overdueSince } from "../../stats/binomial-cusum.ts";
import { minuteAudit } from "./minute-audit.ts";
import { shareOf } from "./share-of.ts";

/** Shams of this long are looked at together. */
export const AUDIT_REACH_MS = 90 * DAY_MS;
/**
 * A sham raises a false alarm at most this often: the false discovery rate of one judgement, in
 * which nothing is true (judge.md §2.8).
 */
const PROMISED = Q_WITH_RECORD;
/**
 * Three times as often is noticed soonest, and kept promises are doubted at most once in so many
 * shams.
 */
const RATES = { promised: PROMISED, worse: 3 * PROMISED, runLength: 400 } as const;

/**
 * How often the detector was seen to be wrong: false alarms of the shams that could be judged,
 * whether they come more often than promised, and how many verdicts a final look took back, and
 * whether the minutes of shams are like others. Pure; `states` may be in any order.
 */
export function selfAudit(states: readonly ExperimentState[], nowMs: number): SelfAudit {
  const recent = states
    .filter(({ t0Ms }) => t0Ms !== null && nowMs - AUDIT_REACH_MS <= t0Ms && t0Ms < nowMs)
    .toSorted((a, b) => (a.t0Ms ?? 0) - (b.t0Ms ?? 0));
  const shams = conclusive(recent.filter(isSham));
  const since = overdueSince(shams.map(alarmed), RATES);
  const checked = recent.flatMap(({ judgement }) => judgement?.verdicts ?? []).filter(({ designP }) => designP != null);
  const withdrawn = checked.filter(({ verdict }) => verdict.kind === "inconclusive" && verdict.why === "by-itself");
  return {
    promised: PROMISED,
    fromMs: shams[0]?.t0Ms ?? null,
    shams: alarmsAmong(shams),
    overdueSinceMs: since === null ? null : (shams[since]?.t0Ms ?? null),
    finalLooks: { withdrawn: withdrawn.length, of: checked.length },
    minutes: minuteAudit(recent.filter(isSham)),
  };
}

/** Shams in which something was called worse, among those that could be judged. */
export const falseAlarmsOf = (states: readonly ExperimentState[]): ShareOf =>
  alarmsAmong(conclusive(states.filter(isSham)));

const alarmsAmong = (shams: readonly ExperimentState[]): ShareOf => shareOf(shams.filter(alarmed).length, shams.length);

const conclusive = (states: readonly ExperimentState[]): readonly ExperimentState[] =>
  states.filter((state) => falseAlarmOf(state) !== null);

const alarmed = (state: ExperimentState): boolean => falseAlarmOf(state) === true;
