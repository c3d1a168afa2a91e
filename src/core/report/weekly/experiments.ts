import { hasOpenDamage } from "../../experiment/life.ts";
import type { ExperimentState } from "../../model/experiment.ts";
import { type SignalVerdict, VERDICTS_WORST_FIRST, type VerdictKind } from "../../model/verdict.ts";
import { formatDuration } from "../../text/format.ts";
import { degradedServices, isOpen } from "../degraded.ts";
import { howItEnded, whatHappened } from "../impact.ts";
import { isSham, wasInjected } from "./input.ts";
import { type ExperimentLine, plainName, type WeeklyReport } from "./model.ts";

/** Counts of the week's experiments, and a line for each that was judged. */
export function experimentsOf(states: readonly ExperimentState[]): WeeklyReport["experiments"] {
  const inPhase = (phase: ExperimentState["phase"]): number => states.filter((state) => state.phase === phase).length;
  const judged = states.filter((state) => state.judgement !== null);
  return {
    planned: states.length,
    injected: states.filter(wasInjected).length,
    shams: states.filter(isSham).length,
    refused: inPhase("refused"),
    missed: inPhase("missed"),
    notInjected: inPhase("not-injected"),
    running: states.filter((state) => state.judgement === null && state.t0Ms !== null && state.phase !== "not-injected")
      .length,
    byVerdict: countVerdicts(judged.filter((state) => !isSham(state))),
    lines: judged.map(experimentLine).sort(byBadness),
  };
}

const ALL_VERDICTS: readonly VerdictKind[] = [...VERDICTS_WORST_FIRST, "inconclusive"];

function countVerdicts(judged: readonly ExperimentState[]): Record<VerdictKind, number> {
  const count = (kind: VerdictKind): number => judged.filter((state) => state.judgement?.headline === kind).length;
  return Object.fromEntries(ALL_VERDICTS.map((kind) => [kind, count(kind)])) as Record<VerdictKind, number>;
}

const byBadness = (a: ExperimentLine, b: ExperimentLine): number =>
  ALL_VERDICTS.indexOf(a.verdict) - ALL_VERDICTS.indexOf(b.verdict) || a.atMs - b.atMs;

/** A judged experiment as one line, for the report and for lists. */
export function experimentLine(state: ExperimentState): ExperimentLine {
  const { plan, choice, judgement } = state;
  const worst = judgement === null ? undefined : degradedServices(judgement).concerned[0];
  return {
    id: plan?.id ?? "",
    atMs: state.t0Ms ?? plan?.slotMs ?? 0,
    target: choice === null ? "" : plainName(choice.target.workload),
    fault: plan?.natural?.what ?? choice?.fault.kind ?? "",
    sham: plan?.sham ?? false,
    verdict: judgement?.headline ?? "inconclusive",
    impact: worst === undefined ? "" : `${worst.service}: ${whatHappened(worst)}, ${endOf(state, worst)}`,
    open: hasOpenDamage(state),
    recoveredAfterMs: state.recoveredAfterMs,
  };
}

/** How a service's damage ended, by what the journal knows today, which may be more than the verdict of that day. */
export function endOf(state: ExperimentState, worst: SignalVerdict): string {
  if (!isOpen(worst.verdict.kind)) return howItEnded(worst);
  if (state.recoveredAfterMs !== null) return `recovered after ${formatDuration(state.recoveredAfterMs)}`;
  if (state.closed !== null) return `closed by ${state.closed.by}: ${state.closed.why}`;
  return howItEnded(worst);
}
