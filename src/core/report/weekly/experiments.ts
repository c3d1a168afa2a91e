import { failedInAll } from "../../experiment/failed-requests.ts";
import { hasOpenDamage } from "../../experiment/life.ts";
import type { ExperimentState } from "../../model/experiment.ts";
import { falseAlarmOf, isSham, OUTCOMES_WORST_FIRST, type Outcome, outcomeOf } from "../../model/outcome.ts";
import { VERDICTS_WORST_FIRST, type VerdictKind } from "../../model/verdict.ts";
import { type ExperimentLine, plainName, type WeeklyReport } from "../../model/weekly-report.ts";
import { worstEffectText } from "../../text/outcome.ts";
import { wasInjected } from "./input.ts";

/** Counts of the week's experiments, and a line for each that was judged. */
export function experimentsOf(states: readonly ExperimentState[], nowMs: number): WeeklyReport["experiments"] {
  const inPhase = (phase: ExperimentState["phase"]): number => states.filter((state) => state.phase === phase).length;
  const judged = states.filter((state) => state.judgement !== null);
  return {
    planned: states.length,
    injected: states.filter(wasInjected).length,
    shams: states.filter(({ injection }) => injection === "pretended").length,
    refused: inPhase("refused"),
    missed: inPhase("missed"),
    notInjected: inPhase("not-injected"),
    running: states.filter((state) => state.judgement === null && state.t0Ms !== null && state.phase !== "not-injected")
      .length,
    byVerdict: countVerdicts(judged.filter((state) => !isSham(state))),
    byOutcome: countOutcomes(judged),
    lines: judged.map((state) => experimentLine(state, nowMs)).sort(byBadness),
  };
}

const ALL_VERDICTS: readonly VerdictKind[] = [...VERDICTS_WORST_FIRST, "inconclusive"];

function countVerdicts(judged: readonly ExperimentState[]): Record<VerdictKind, number> {
  const count = (kind: VerdictKind): number => judged.filter((state) => state.judgement?.headline === kind).length;
  return Object.fromEntries(ALL_VERDICTS.map((kind) => [kind, count(kind)])) as Record<VerdictKind, number>;
}

function countOutcomes(judged: readonly ExperimentState[]): Record<Outcome, number> {
  const count = (outcome: Outcome): number => judged.filter((state) => outcomeOf(state) === outcome).length;
  return Object.fromEntries(OUTCOMES_WORST_FIRST.map((one) => [one, count(one)])) as Record<Outcome, number>;
}

const byBadness = (a: ExperimentLine, b: ExperimentLine): number =>
  ALL_VERDICTS.indexOf(a.verdict) - ALL_VERDICTS.indexOf(b.verdict) || a.atMs - b.atMs;

/** A judged experiment as one line; what still fails is counted until `nowMs`. */
export function experimentLine(state: ExperimentState, nowMs: number): ExperimentLine {
  const { plan, choice, judgement } = state;
  return {
    id: plan?.id ?? "",
    atMs: state.t0Ms ?? plan?.slotMs ?? 0,
    target: choice === null ? "" : plainName(choice.target.workload),
    fault: plan?.natural?.what ?? choice?.fault.kind ?? "",
    sham: plan?.sham ?? false,
    verdict: judgement?.headline ?? "inconclusive",
    outcome: outcomeOf(state),
    falseAlarm: falseAlarmOf(state),
    failed: isSham(state) ? 0 : failedInAll(state, nowMs),
    impact: worstEffectText(state),
    open: hasOpenDamage(state),
    recoveredAfterMs: state.recoveredAfterMs,
  };
}
