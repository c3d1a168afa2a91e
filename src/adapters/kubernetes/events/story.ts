import type { WorkloadRef } from "../../../core/model/cluster.ts";
import type { ExperimentEvent, ExperimentState } from "../../../core/model/experiment.ts";
import { isSham } from "../../../core/model/outcome.ts";
import { alertText } from "../../../core/text/event.ts";
import { formatDuration } from "../../../core/text/format.ts";
import { outcomeText } from "../../../core/text/outcome.ts";
import { whatTheExperimentDid } from "../../../core/text/subject.ts";

/** What is said on one workload. */
export interface Said {
  readonly workload: WorkloadRef;
  /** With the experiment equal for the same news: a second one is none. */
  readonly key: string;
  readonly action: string;
  readonly reason: string;
  readonly type: "Normal" | "Warning";
  readonly note: string;
}

/**
 * What an event of the journal is worth as Kubernetes Events: early alert, verdict and recovery on
 * the workload that was hit, a new or regressed finding on the workload that has it. Shams hit
 * nobody.
 */
export function saidOf(id: string, event: ExperimentEvent, state: ExperimentState): readonly Said[] {
  if (state.choice === null || isSham(state)) return [];
  const { workload } = state.choice.target;
  const on = (key: string, reason: string, type: Said["type"], text: string): Said[] => [
    { workload, key, action: "JudgeExperiment", reason, type, note: `${text} (experiment ${id})` },
  ];
  switch (event.kind) {
    case "alerted":
      return on("alert", "EarlyAlert", "Warning", `${whatTheExperimentDid(state)}: ${alertText(event.services)}`);
    case "judged":
      return on(
        "verdict",
        "Verdict",
        isGood(state) ? "Normal" : "Warning",
        `${whatTheExperimentDid(state)}: ${outcomeText(state)}`,
      );
    case "recovered":
      return on(
        "recovery",
        "Recovered",
        "Normal",
        `Recovered after ${formatDuration(event.afterMs)}${event.cure === null ? "" : `; what helped: ${event.cure}`}`,
      );
    case "diagnosed":
      return event.findings
        .filter(({ status }) => status === "new" || status === "regressed")
        .map((finding) => ({
          workload: finding.workload,
          key: `${finding.weakness}-${finding.workload.name}`,
          action: "Diagnose",
          reason: finding.status === "new" ? "WeaknessFound" : "WeaknessRegressed",
          type: "Warning",
          note: `${finding.title} (experiment ${id}). ${finding.advice.fix[0] ?? ""}`.trim(),
        }));
    default:
      return [];
  }
}

const isGood = ({ judgement }: ExperimentState): boolean =>
  judgement === null || ["steady", "transient", "slow-recovery"].includes(judgement.headline);
