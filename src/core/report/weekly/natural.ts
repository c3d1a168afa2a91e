import { hasOpenDamage } from "../../experiment/life.ts";
import type { ExperimentState, NaturalCause } from "../../model/experiment.ts";
import { isDegraded, VERDICTS_WORST_FIRST, type VerdictKind } from "../../model/verdict.ts";
import { type NaturalLine, plainName } from "../../model/weekly-report.ts";
import { counted } from "../../text/format.ts";
import { lostNodesText, lostTogetherText } from "../../text/subject.ts";
import { unreachable } from "../../unreachable.ts";
import { experimentLine } from "./experiments.ts";

export const isNatural = (state: ExperimentState): boolean => state.plan?.natural !== undefined;

/** What happened by itself in the week, worst first; what is not judged yet comes last. */
export const naturalOf = (states: readonly ExperimentState[], nowMs: number): readonly NaturalLine[] =>
  states
    .flatMap((state) => naturalLine(state, nowMs))
    .toSorted((a, b) => rank(a.verdict) - rank(b.verdict) || a.atMs - b.atMs);

const ORDER: readonly VerdictKind[] = [...VERDICTS_WORST_FIRST, "inconclusive"];
const rank = (verdict: VerdictKind | null): number => (verdict === null ? ORDER.length : ORDER.indexOf(verdict));

function naturalLine(state: ExperimentState, nowMs: number): NaturalLine[] {
  const natural = state.plan?.natural;
  if (natural === undefined) return [];
  const { id, atMs, impact, recoveredAfterMs, outcome, failed } = experimentLine(state, nowMs);
  return [
    {
      id,
      atMs: state.t0Ms === null ? natural.t0Ms : atMs,
      died: whatDied(natural),
      why: natural.mixed ? "lost at once" : whyIt(natural.what),
      verdict: state.judgement?.headline ?? null,
      outcome,
      failed,
      impact,
      open: hasOpenDamage(state),
      recoveredAfterMs,
    },
  ];
}

function whatDied(cause: NaturalCause): string {
  const { what, choice } = cause;
  const { target } = choice;
  if (what === "node-lost") return `${lostNodesText(cause)} with ${counted(target.pods.length, "pod")}`;
  const together = lostTogetherText(cause);
  if (together !== null) return together;
  return what === "oom-killed" || what === "restarted"
    ? `a container of ${plainName(target.workload)}`
    : `a pod of ${plainName(target.workload)}`;
}

function whyIt(what: NaturalCause["what"]): string {
  switch (what) {
    case "deleted":
      return "deleted by somebody else";
    case "evicted":
      return "evicted";
    case "preempted":
      return "preempted";
    case "failed":
      return "failed by itself";
    case "oom-killed":
      return "OOM-killed";
    case "restarted":
      return "ended and was started again";
    case "node-lost":
      return "gone or silent";
    default:
      return unreachable(what);
  }
}

/** What followed, for page and text. */
export function naturalImpact({ impact, open, verdict }: NaturalLine): string {
  if (verdict === null) return "being watched";
  if (impact !== "") return open ? `${impact} (still open)` : impact;
  if (verdict === "inconclusive") return "could not be judged";
  return isDegraded(verdict) ? "only bystanders got worse" : "no service was affected";
}
