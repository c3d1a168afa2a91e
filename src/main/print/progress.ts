import { workloadName } from "../../core/model/cluster.ts";
import type { ExperimentEvent, ExperimentState } from "../../core/model/experiment.ts";
import { isDegraded } from "../../core/model/verdict.ts";
import { impactLine, worstFirst } from "../../core/report/impact.ts";
import { repeatText } from "../../core/report/subject.ts";
import { counted, formatDuration, formatShare, formatTime } from "../../core/text/format.ts";

/** What a person who watches wants to read of one event, a line each; empty for what only the record needs. */
export function progressLines(event: ExperimentEvent, state: ExperimentState): readonly string[] {
  switch (event.kind) {
    case "planned":
    case "notified":
    case "recovery-notified":
    case "intended":
      return [];
    case "chosen":
      return [
        event.choice.confirms === undefined
          ? `chose ${workloadName(event.choice.target.workload)} out of ${counted(event.choice.eligible, "workload")} that may be hit`
          : `chose ${workloadName(event.choice.target.workload)} again: ${repeatText(event.choice.confirms)}`,
      ];
    case "happened":
      return [event.choice.drawn];
    case "refused":
      return [`refused by the gate "${event.gate}": ${event.why}`];
    case "missed":
      return [`missed: ${event.why}`];
    case "injected":
      return [`${state.choice?.fault.kind ?? "fault"}: ${podNames(state)}`];
    case "injected-unsure":
      return [`${state.choice?.fault.kind ?? "fault"} may have happened: ${event.why}`];
    case "pretended":
      return ["sham: nothing is injected, everything else is the same"];
    case "not-injected":
      return [`nothing was injected: ${event.why}`];
    case "aborted":
      return [`aborted: ${event.why}`];
    case "undone":
      return ["the fault was taken back", ...(event.notes ?? [])];
    case "cleared":
      return [clearedLine(event, state)];
    case "extended":
      return [`not settled at the end: ${event.why}; it is observed until ${formatTime(event.toMs, "UTC")} UTC`];
    case "curtailed":
      return [`observed no longer, and judged as it was at its planned end: ${event.why}`];
    case "judged":
      return judgedLines(state);
    case "diagnosed":
      return event.findings.map((finding) => `finding (${finding.status}): ${finding.title}`);
    case "still-down":
      return state.looks === 1 ? [`still down: ${event.services.join(", ")}`] : [];
    case "recovered":
      return [
        `recovered ${formatDuration(event.afterMs)} after the injection${event.cure === null ? "" : ` (${event.cure})`}`,
      ];
    case "finalised":
      return finalLines(event);
    case "closed":
      return [`closed by ${event.by}: ${event.why}`];
    case "cancelled":
      return [`cancelled by ${event.by}: ${event.why}`];
  }
}

/** Nothing where nothing could be withdrawn: what is kept for later is no news. */
function finalLines({ checks }: Extract<ExperimentEvent, { kind: "finalised" }>): readonly string[] {
  const vetoed = checks.filter((check) => check.vetoed);
  if (vetoed.length === 0) return checks.length === 0 ? [] : ["the verdict is final"];
  return vetoed.map(
    ({ service, signal, p, candidates }) =>
      `withdrawn: ${service} (${signal}) looked as bad at ${formatShare(p ?? 1)} of ${candidates} instants that could have been drawn`,
  );
}

const podNames = (state: ExperimentState): string =>
  state.choice?.target.pods.map((pod) => `${pod.namespace}/${pod.name}`).join(", ") ||
  (state.choice?.target.services.join(", ") ?? "");

function clearedLine(event: Extract<ExperimentEvent, { kind: "cleared" }>, state: ExperimentState): string {
  const after = formatDuration(event.clearMs - (state.t0Ms ?? event.clearMs));
  switch (event.how) {
    case "replaced":
      return `every pod is Ready again within ${after}; watching the services`;
    case "late":
      return `not whole again after ${after}${event.why === undefined ? "" : ` (${event.why})`}; judging anyway`;
    case "drawn":
      return "watching the services";
    case "undone":
    case "uncordoned":
      return `the cluster is whole again after ${after}; watching the services`;
  }
}

function judgedLines(state: ExperimentState): readonly string[] {
  const { judgement } = state;
  if (judgement === null) return [];
  const worse = worstFirst(judgement.verdicts.filter((v) => isDegraded(v.verdict.kind) && !v.starved));
  const head = `verdict: ${judgement.headline}${judgement.learning ? " (learning: less than a day of history)" : ""}`;
  return [head, ...worse.map((v) => `${v.service}: ${impactLine(v)}`)];
}
