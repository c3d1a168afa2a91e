import type { ExperimentId, ExperimentState } from "../model/experiment.ts";
import { capitalised } from "../text/format.ts";
import type { Notice } from "../text/notice.ts";

/** Something about Aftershock itself that people must know: halted, armed, blind, storage lost. */
export interface OperationalNews {
  /** Equal for the same news. */
  readonly key: string;
  readonly severity: Notice["severity"];
  readonly title: string;
  readonly summary: string;
  /** What to do next, as a sentence. */
  readonly hint?: string;
  readonly link?: string;
}

export function operationalNotice({ key, severity, title, summary, hint, link }: OperationalNews): Notice {
  return {
    kind: "operational",
    key: `operational:${key}`,
    experimentId: null,
    severity,
    title,
    summary: hint === undefined ? summary : `${summary} ${hint}`,
    impact: [],
    findings: [],
    context: [],
    link: link ?? null,
  };
}

/**
 * A slot at which nothing was done, for those who asked for this run. Not sent by itself: refusals
 * are in the weekly report.
 */
export function refusedNotice(id: ExperimentId, state: ExperimentState, link: string | null): Notice {
  const why = state.refusal?.why ?? "no reason was written down";
  return {
    kind: "refused",
    key: `${id}:refused`,
    experimentId: id,
    severity: "info",
    title: "Nothing was broken this time",
    summary: `${capitalised(why)}.`,
    impact: [],
    findings: [],
    context: [`experiment ${id}${state.refusal ? ` · gate ${state.refusal.gate}` : ""}`],
    link,
  };
}
