import type { ServiceId } from "../model/cluster.ts";
import type { Choice, Confirmation, ExperimentState, NaturalCause } from "../model/experiment.ts";
import { unreachable } from "../unreachable.ts";
import { capitalised, counted, formatDuration, someNames } from "./format.ts";

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

/** `Nodes node-a and node-b`, as the subject of a sentence. */
export const lostNodesText = ({ nodes, choice }: NaturalCause): string =>
  nodes === undefined ? `node ${choice.target.node ?? "?"}` : `nodes ${someNames(nodes)}`;

/** `3 pods of go-app and go-app-db on node-a`, lost at once; null where it was one pod. */
export function lostTogetherText({ choice, lost = [] }: NaturalCause): string | null {
  const { pods, node } = choice.target;
  if (pods.length < 2) return null;
  const names = lost.length === 0 ? [choice.target.workload.name] : lost.map(({ workload }) => workload.name);
  return `${counted(pods.length, "pod")} of ${someNames(names)}${node === null ? "" : ` on node ${node}`}`;
}

/** A natural failure, told like an experiment. */
function whatHappenedByItself(cause: NaturalCause, when: string): string {
  const { what, choice } = cause;
  const together = what === "node-lost" ? null : lostTogetherText(cause);
  if (together !== null) return `${together} ${lostHow(cause)}${when}, not by Aftershock`;
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
      return `${capitalised(lostNodesText(cause))} ${cause.nodes === undefined ? "was" : "were"} lost with ${counted(choice.target.pods.length, "pod")}${when}, not by Aftershock`;
    default:
      return unreachable(what);
  }
}

/** How several pods were lost at once, as a predicate. */
function lostHow({ what, mixed }: NaturalCause): string {
  if (mixed) return "were lost";
  switch (what) {
    case "deleted":
      return "were deleted";
    case "evicted":
      return "were evicted";
    case "preempted":
      return "had to make room for more important ones";
    case "failed":
      return "failed";
    case "oom-killed":
      return "were OOM-killed";
    case "restarted":
      return "ended and were started again";
    case "node-lost":
      return "were lost with their node";
    default:
      return unreachable(what);
  }
}
