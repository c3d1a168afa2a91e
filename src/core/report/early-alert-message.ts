import { verdictDueMs } from "../experiment/early-alert.ts";
import type { ExperimentState } from "../model/experiment.ts";
import { MINUTE_MS } from "../model/units.ts";
import { formatShare, someNames } from "../text/format.ts";
import { moment } from "../text/moment.ts";
import type { Notice } from "../text/notice.ts";
import { shortService, whatTheExperimentDid } from "../text/subject.ts";
import type { FollowUpInput } from "./follow-up.ts";
import { linksOf, sinceOf } from "./notices.ts";
import { smallPrint } from "./small-print.ts";

/** How to stop everything, whatever it is. */
const HALT_COMMAND = 'aftershock halt "WHY"';
/** Most pods are Ready again after this: it only says when a verdict may be expected. */
const USUALLY_CLEAR_MS = 2 * MINUTE_MS;

/** Builds the early alert: the message that is sent before there is a verdict. */
export function earlyAlertMessage(about: FollowUpInput): Notice {
  const { id, state, link, timezone, audience } = about;
  const services = state.alert?.services ?? [];
  const [worst] = services;
  const others = services.slice(1).map(({ service }) => shortService(service));
  const name = worst === undefined ? "A service" : shortService(worst.service);
  const dueMs = verdictDueMs(state, USUALLY_CLEAR_MS);
  const did = whatTheExperimentDid(
    state,
    `${purposeOf(state)}${state.t0Ms === null ? "" : ` at ${moment(state.t0Ms)}`}`,
  );
  return {
    kind: "early",
    key: `${id}:early`,
    experimentId: id,
    ...sinceOf(state),
    severity: "bad",
    title: `${name} fails ${formatShare(worst?.share ?? 0)} of requests`,
    cause: [`${did}.`, replacement(state), dueMs === null ? "" : `Verdict: ${moment(dueMs)}.`]
      .filter((sentence) => sentence !== "")
      .join(" "),
    summary: [
      `${did}.`,
      `${name}${others.length === 0 ? "" : ` (and ${someNames(others)})`} has failed since, far beyond chance.`,
      replacement(state),
      dueMs === null ? "" : `The verdict is expected at ${moment(dueMs)}.`,
    ]
      .filter((sentence) => sentence !== "")
      .join(" "),
    command: HALT_COMMAND,
    impact: services.map((one) => {
      const line = `${formatShare(one.share)} of requests fail (before: ${formatShare(one.before)})`;
      return { service: one.service, line: `${line}; ${one.failures} failed`, short: line };
    }),
    findings: [],
    context: smallPrint(state, about, []),
    link,
    ...linksOf(about),
    timezone,
    outcome: null,
    audience,
  };
}

const purposeOf = ({ injection }: ExperimentState): string =>
  injection === "injected" || injection === "unsure" ? " on purpose" : "";

/** That the cluster repairs itself, as far as it does. */
function replacement({ choice, plan }: ExperimentState): string {
  if (choice === null) return "";
  if ("durationMs" in choice.fault && plan?.natural === undefined) return "Aftershock undoes the fault.";
  return choice.target.pods.length > 1 ? "Kubernetes replaces the pods." : "Kubernetes replaces the pod.";
}
