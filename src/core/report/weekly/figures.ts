import { workloadKey } from "../../model/cluster.ts";
import type { ExperimentState } from "../../model/experiment.ts";
import { isDegraded, type VerdictKind } from "../../model/verdict.ts";
import { type Duration, medianDuration } from "../../stats/kaplan-meier.ts";
import { hitKey, wasInjected } from "./input.ts";
import type { CoverageLine, MedianRecovery, Score, WeeklyReport } from "./model.ts";
import { shareOf } from "./share-of.ts";

/** How long it took until everything was back. What is still open at `nowMs` counts as at least that long. */
export function recoveryOf(states: readonly ExperimentState[], nowMs: number): MedianRecovery {
  const durations = states.filter(wasInjected).flatMap((state) => durationOf(state, nowMs) ?? []);
  const { ms: medianMs, lowMs, highMs } = medianDuration(durations);
  const ended = durations.filter((one) => one.ended).length;
  return { medianMs, lowMs, highMs, ended, censored: durations.length - ended };
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

/** A workload is as resilient as the worst of its experiments of the week. */
export function scoreOf(states: readonly ExperimentState[], lines: readonly CoverageLine[]): Score {
  let resilient = 0;
  let fragile = 0;
  let excluded = 0;
  for (const { workload, state } of lines) {
    const headlines = states
      .filter((state) => hitKey(state) === workloadKey(workload))
      .flatMap(({ judgement }) => judgement?.headline ?? [])
      .filter((headline) => headline !== "inconclusive");
    if (headlines.length === 0) {
      if (state === "not-eligible") excluded += 1;
      continue;
    }
    if (headlines.every(isBorne)) resilient += 1;
    else fragile += 1;
  }
  const tested = resilient + fragile;
  return { resilient, fragile, unknown: lines.length - tested, excluded, share: shareOf(resilient, tested).share };
}

/** What `run` exits with 0 for (design.md §6). */
const isBorne = (headline: VerdictKind): boolean => headline === "steady" || headline === "transient";

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
