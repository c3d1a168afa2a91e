import { workloadKey } from "../../model/cluster.ts";
import type { ExperimentState } from "../../model/experiment.ts";
import { type Outcome, outcomeOf, worstOutcome } from "../../model/outcome.ts";
import { isDegraded } from "../../model/verdict.ts";
import type { CoverageLine, MedianRecovery, Score, WeeklyReport } from "../../model/weekly-report.ts";
import { type Duration, medianDuration } from "../../stats/kaplan-meier.ts";
import { FEWEST_FOR_MEDIAN } from "../../text/weekly.ts";
import { hitKey, wasInjected } from "./input.ts";
import { shareOf } from "./share-of.ts";

/**
 * How long it took until everything was back. What is still open at `nowMs` counts as at least that
 * long.
 */
export function recoveryOf(states: readonly ExperimentState[], nowMs: number): MedianRecovery {
  const durations = states.filter(wasInjected).flatMap((state) => durationOf(state, nowMs) ?? []);
  const durationsMs = durations.flatMap(({ ms, ended }) => (ended ? ms : [])).toSorted((a, b) => a - b);
  const counts = { durationsMs, ended: durationsMs.length, censored: durations.length - durationsMs.length };
  if (durations.length < FEWEST_FOR_MEDIAN) return { medianMs: null, lowMs: null, highMs: null, ...counts };
  const { ms: medianMs, lowMs, highMs } = medianDuration(durations);
  return { medianMs, lowMs, highMs, ...counts };
}

function durationOf(state: ExperimentState, nowMs: number): Duration | null {
  const { judgement, t0Ms, recoveredAfterMs } = state;
  if (judgement === null || t0Ms === null || !isDegraded(judgement.headline)) return null;
  if (recoveredAfterMs !== null) return { ms: recoveredAfterMs, ended: true };
  if (judgement.headline === "persistent" || judgement.headline === "unresolved") {
    return { ms: Math.max(0, nowMs - t0Ms), ended: false };
  }
  const recoveries = judgement.verdicts.flatMap(({ verdict, service }) =>
    "recoveredAfterMs" in verdict && (judgement.concerned?.includes(service) ?? true)
      ? verdict.recoveredAfterMs.point
      : [],
  );
  return recoveries.length === 0 ? null : { ms: Math.max(...recoveries), ended: true };
}

/** A workload's outcome is the worst of its experiments of the week. */
export function scoreOf(states: readonly ExperimentState[], lines: readonly CoverageLine[]): Score {
  const count: Record<Outcome, number> = { unaffected: 0, recovered: 0, "not recovered": 0, unknown: 0 };
  let excluded = 0;
  const byWorkload = Map.groupBy(states, hitKey);
  for (const { workload, state } of lines) {
    const own = (byWorkload.get(workloadKey(workload)) ?? []).flatMap((one) => outcomeOf(one) ?? []);
    const worst = worstOutcome(own);
    count[worst] += 1;
    if (worst === "unknown" && state === "not-eligible") excluded += 1;
  }
  const { unaffected, recovered, "not recovered": notRecovered, unknown } = count;
  const { share } = shareOf(unaffected, unaffected + recovered + notRecovered);
  return { unaffected, recovered, notRecovered, unknown, excluded, share };
}

/** How often each gate said no, with its last reason; the most frequent first. */
export function refusalsOf(states: readonly ExperimentState[]): WeeklyReport["refusals"] {
  const byGate = new Map<string, { count: number; why: string }>();
  for (const { phase, refusal } of states) {
    if (phase !== "refused" || refusal === null) continue;
    byGate.set(refusal.gate, { count: (byGate.get(refusal.gate)?.count ?? 0) + 1, why: refusal.why });
  }
  return [...byGate]
    .map(([gate, { count, why }]) => ({ gate, count, why }))
    .sort((a, b) => b.count - a.count || (a.gate < b.gate ? -1 : 1));
}

export const missedOf = (states: readonly ExperimentState[]): WeeklyReport["missed"] =>
  states
    .filter(({ phase }) => phase === "missed")
    .map(({ plan, refusal }) => ({ id: plan?.id ?? "", atMs: plan?.slotMs ?? 0, why: refusal?.why ?? "" }));
