import type { ServiceId } from "../model/cluster.ts";
import type { Choice, Confirmation, ExperimentState, NaturalCause } from "../model/experiment.ts";
import { unreachable } from "../model/units.ts";
import { counted, formatDuration } from "./format.ts";

/** `go-app` of `go-app/go-app`. */
export const shortService = (service: ServiceId): string => service.slice(service.indexOf("/") + 1);

/** What an experiment did, as the start of a sentence: `A pod of go-app-db was deleted`. */
function whatWasDone(choice: Choice): string {
  const { fault, target } = choice;
  const name = target.workload.name;
  const pods = target.pods.length <= 1 ? "A pod" : counted(target.pods.length, "pod");
  const were = target.pods.length <= 1 ? "was" : "were";
  switch (fault.kind) {
    case "pod-delete":
      return `${pods} of ${name} ${were} deleted`;
    case "pod-evict":
      return `${pods} of ${name} ${were} evicted`;
    case "pod-kill":
      return `${pods} of ${name} ${were} killed without a goodbye`;
    case "node-drain":
      return `Node ${target.node ?? "?"} was drained for ${formatDuration(fault.durationMs)}`;
    case "zone-outage":
      return `Zone ${target.zone ?? "?"} was taken out for ${formatDuration(fault.durationMs)}`;
    case "http-abort":
      return `${fault.percent} % of calls to ${name} were answered with ${fault.httpStatus} for ${formatDuration(fault.durationMs)}`;
    case "http-delay":
      return `${fault.percent} % of calls to ${name} were delayed by ${formatDuration(fault.delayMs)} for ${formatDuration(fault.durationMs)}`;
    default:
      return unreachable(fault);
  }
}

/** `pod-delete`, or what happened by itself: `evicted`. */
export const faultText = ({ plan, choice }: ExperimentState): string =>
  plan?.sham ? "sham" : (plan?.natural?.what ?? choice?.fault.kind ?? "fault");

/** The pods that were hit, or the services where the fault is in the mesh. */
export const podNames = ({ choice }: ExperimentState): string =>
  choice?.target.pods.map((pod) => `${pod.namespace}/${pod.name}`).join(", ") ||
  (choice?.target.services.join(", ") ?? "");

/** Why an experiment is made again. */
export const repeatText = ({ of, why }: Confirmation): string =>
  why === "suspected" ? `to confirm what ${of} found, or clear it` : `${of} was confounded by something else`;

/**
 * The same for any experiment, shams included; `when` (` at 09:15`) stands where a sentence has it.
 */
export function whatTheExperimentDid(state: ExperimentState, when = ""): string {
  if (state.choice === null) return "Nothing was done";
  if (state.injection === "pretended" || state.plan?.sham) {
    return `Nothing was injected (a sham on ${state.choice.target.workload.name})${when}`;
  }
  if (state.plan?.natural !== undefined) return whatHappenedByItself(state.plan.natural, when);
  return `${whatWasDone(state.choice)}${when}`;
}

/** A natural failure, told like an experiment. */
function whatHappenedByItself({ what, choice }: NaturalCause, when: string): string {
  const name = choice.target.workload.name;
  switch (what) {
    case "deleted":
      return `A pod of ${name} was deleted${when}, not by Aftershock`;
    case "evicted":
      return `A pod of ${name} was evicted${when}, not by Aftershock`;
    case "preempted":
      return `A pod of ${name} had to make room for a more important one${when}`;
    case "failed":
      return `A pod of ${name} failed by itself${when}`;
    case "oom-killed":
      return `A container of ${name} was OOM-killed${when}`;
    case "restarted":
      return `A container of ${name} ended and was started again${when}`;
    case "node-lost":
      return `Node ${choice.target.node ?? "?"} was lost with ${counted(choice.target.pods.length, "pod")}${when}, not by Aftershock`;
    default:
      return unreachable(what);
  }
}
