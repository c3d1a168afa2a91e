import { workloadKey } from "../../model/cluster.ts";
import type { ExperimentState } from "../../model/experiment.ts";
import type { Interval } from "../../model/units.ts";
import { isDegraded, type VerdictKind } from "../../model/verdict.ts";
import { wilson } from "../../stats/wilson.ts";
import { type Lifetime, type MedianLifetime, medianLifetime } from "../kaplan-meier.ts";
import { hitKey, isSham, wasInjected } from "./input.ts";
import type { CoverageLine, Score, ShareOf, WeeklyReport } from "./model.ts";

const LEVEL = 0.95;
const Z_95 = 1.959964;

/** A share with its interval; null without trials. */
function shareInterval(count: number, of: number): Interval | null {
  return of === 0 ? null : { point: count / of, ...wilson(count, of, Z_95), level: LEVEL };
}

/** How long it took until everything was back. What is still open at `nowMs` counts as at least that long. */
export function recoveryOf(states: readonly ExperimentState[], nowMs: number): MedianLifetime {
  return medianLifetime(states.filter(wasInjected).flatMap((state) => lifetimeOf(state, nowMs) ?? []));
}

function lifetimeOf(state: ExperimentState, nowMs: number): Lifetime | null {
  const { judgement, t0Ms, recoveredAfterMs } = state;
  if (judgement === null || t0Ms === null || !isDegraded(judgement.headline)) return null;
  if (recoveredAfterMs !== null) return { ms: recoveredAfterMs, censored: false };
  if (judgement.headline === "persistent" || judgement.headline === "unresolved") {
    return { ms: Math.max(0, nowMs - t0Ms), censored: true };
  }
  const recoveries = judgement.verdicts.flatMap(({ verdict, service }) =>
    "recoveredAfterMs" in verdict && (judgement.concerned?.includes(service) ?? true)
      ? verdict.recoveredAfterMs.point
      : [],
  );
  return recoveries.length === 0 ? null : { ms: Math.max(...recoveries), censored: false };
}

/** The detector's measured error rate: shams in which something was called worse, among those that could be judged. */
export function falseAlarmsOf(states: readonly ExperimentState[]): ShareOf {
  const judged = states.filter(isSham).flatMap(({ judgement }) => judgement?.headline ?? []);
  const conclusive = judged.filter((headline) => headline !== "inconclusive");
  const count = conclusive.filter(isDegraded).length;
  return { count, of: conclusive.length, share: shareInterval(count, conclusive.length) };
}

/** A workload is as resilient as the worst of its experiments of the week. */
export function scoreOf(states: readonly ExperimentState[], lines: readonly CoverageLine[]): Score {
  let resilient = 0;
  let fragile = 0;
  for (const { workload } of lines) {
    const headlines = states
      .filter((state) => hitKey(state) === workloadKey(workload))
      .flatMap(({ judgement }) => judgement?.headline ?? [])
      .filter((headline) => headline !== "inconclusive");
    if (headlines.length === 0) continue;
    if (headlines.every(isBorne)) resilient += 1;
    else fragile += 1;
  }
  const tested = resilient + fragile;
  return { resilient, fragile, unknown: lines.length - tested, share: shareInterval(resilient, tested) };
}

/** What `run` exits with 0 for (DESIGN §11). */
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
