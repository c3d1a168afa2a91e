import { workloadName } from "../model/cluster.ts";
import { degradedServices } from "../model/degraded.ts";
import type { AlertedService, ExperimentEvent, ExperimentState } from "../model/experiment.ts";
import { isTeamPolicy } from "../model/team-policy.ts";
import type { SignalVerdict } from "../model/verdict.ts";
import { unreachable } from "../unreachable.ts";
import { counted, formatDuration, formatShare, formatTime, joinNames } from "./format.ts";
import { impactLine, quantilesText } from "./impact.ts";
import { adviceText, outcomeText } from "./outcome.ts";
import { faultText, podNames, repeatText } from "./subject.ts";

/**
 * One event of the journal for people, a line each: the same for command line, log and page.
 * @param state the experiment after the event
 * @param timezone IANA name of the zone in which times are told
 */
export function eventLines(event: ExperimentEvent, state: ExperimentState, timezone: string): readonly string[] {
  switch (event.kind) {
    case "planned":
      return [plannedText(event, timezone)];
    case "happened":
      return [event.choice.drawn];
    case "chosen":
      return [chosenText(event)];
    case "refused":
      return [`refused by the gate "${event.gate}": ${event.why}`];
    case "missed":
      return [`missed: ${event.why}`];
    case "intended":
      return ["intent written, then the one call is made"];
    case "restored":
      return ["put back an intent that stands on the lease and that the journal had lost"];
    case "awaited":
      return [`outcome of the call awaited for ${formatDuration(event.ms)}`];
    case "undo-failed":
      return [`fault not undone after ${counted(event.tries, "try")}, tried again: ${event.why}`];
    case "injected":
      return [`injected ${faultText(state)}: ${podNames(state)}`];
    case "injected-unsure":
      return [`${faultText(state)} may have been injected: ${event.why}`];
    case "pretended":
      return ["sham: nothing is injected, everything else is the same"];
    case "not-injected":
      return [`not injected: ${event.why}`];
    case "alerted":
      return [`early alert: ${alertText(event.services)}`];
    case "alert-told":
      return [`message sent: ${event.news}`];
    case "aborted":
      return [`aborted: ${event.why}`];
    case "undone":
      return ["fault undone", ...(event.notes ?? [])];
    case "cleared":
      return [clearedText(event, state)];
    case "extended":
      return [`not settled at the end: ${event.why}; observed until ${formatTime(event.toMs, timezone)} (${timezone})`];
    case "curtailed":
      return [`judged as it was at its planned end: ${event.why}`];
    case "judged":
      return judgedLines(state);
    case "diagnosed":
      return event.findings.map((finding) => `finding (${finding.status}): ${finding.title}`);
    case "notified":
      return event.news.length === 0 ? ["no message: no news"] : event.news.map((key) => `message sent: ${key}`);
    case "still-down":
      return [`still worse: ${joinNames(event.services)}; next look at ${formatTime(event.nextMs, timezone)}`];
    case "recovered":
      return [
        `recovered after ${formatDuration(event.afterMs)}${event.cure === null ? "" : ` by ${event.cure}`}${event.failed === undefined ? "" : `; ${counted(event.failed, "request")} failed in all`}`,
      ];
    case "recovery-notified":
      return ["recovery told"];
    case "finalised":
      return finalLines(event);
    case "closed":
      return [`closed by ${event.by}: ${event.why}`];
    case "cancelled":
      return [`cancelled by ${event.by}: ${event.why}`];
    default:
      return unreachable(event);
  }
}

/** What a person who watches wants to read of an event; empty for what only the record needs. */
export function progressLines(event: ExperimentEvent, state: ExperimentState, timezone: string): readonly string[] {
  if (RECORD_ONLY.has(event.kind) || (event.kind === "still-down" && state.looks > 1)) return [];
  return eventLines(event, state, timezone);
}

const RECORD_ONLY: ReadonlySet<ExperimentEvent["kind"]> = new Set([
  "planned",
  "intended",
  "notified",
  "alert-told",
  "recovery-notified",
]);

function plannedText({ plan }: Extract<ExperimentEvent, { kind: "planned" }>, timezone: string): string {
  if (plan.natural !== undefined) return "natural failure, observed like an experiment";
  const how = [plan.sham ? ", a sham" : "", plan.manual ? ", by hand" : ""].join("");
  const drawn = plan.manual ? "" : `, drawn from ${counted(plan.candidates.count, "minute")}`;
  return `planned by policy ${policyText(plan.policy)} for ${formatTime(plan.slotMs, timezone)}${how}; seed ${plan.seed}${drawn}`;
}

/** `go-app/go-app fails 50 % of requests (before: 0 %)`, worst first; of many the first three. */
export function alertText(services: readonly AlertedService[]): string {
  const told = services
    .slice(0, 3)
    .map((one) => `${one.service} fails ${formatShare(one.share)} of requests (before: ${formatShare(one.before)})`);
  return [...told, ...(services.length > 3 ? [`${services.length - 3} more services fail`] : [])].join(", ");
}

/** Whose policy it is: `orders, of the team in shop`. */
export function policyText(policy: string): string {
  if (!isTeamPolicy(policy)) return policy;
  const at = policy.indexOf(".");
  return `${policy.slice(at + 1)}, of the team in ${policy.slice(0, at)}`;
}

function chosenText({ choice }: Extract<ExperimentEvent, { kind: "chosen" }>): string {
  const name = workloadName(choice.target.workload);
  if (choice.confirms !== undefined) return `chose ${name} again: ${repeatText(choice.confirms)}`;
  return `chose ${name} out of ${counted(choice.eligible, "workload")} that may be hit`;
}

function clearedText(event: Extract<ExperimentEvent, { kind: "cleared" }>, state: ExperimentState): string {
  const after = formatDuration(event.clearMs - (state.t0Ms ?? event.clearMs));
  switch (event.how) {
    case "replaced":
      return `every pod is Ready again within ${after}; observing the services`;
    case "late":
      return `not whole again after ${after}${event.why === undefined ? "" : ` (${event.why})`}; observing anyway`;
    case "drawn":
      return "observing the services";
    case "undone":
    case "uncordoned":
      return `the cluster is whole again after ${after}; observing the services`;
    default:
      return unreachable(event.how);
  }
}

/** The outcome as of the verdict: what the journal learnt later has events of its own. */
function judgedLines(state: ExperimentState): readonly string[] {
  const { judgement } = state;
  if (judgement === null) return [];
  const { concerned, bystanders } = degradedServices(judgement);
  const learning = judgement.learning ? " (learning: less than a day of history)" : "";
  const then = { ...state, recoveredAfterMs: null, closed: null };
  const advice = adviceText(then);
  return [
    `outcome: ${outcomeText(then)}${learning}`,
    ...(advice === null ? [] : [advice]),
    ...concerned.flatMap((v) => [`${v.service}: ${impactLine(v)}`, ...quantileLines(v)]),
    ...bystanders.map((v) => `${v.service} (bystander): ${impactLine(v)}`),
  ];
}

function quantileLines(verdict: SignalVerdict): readonly string[] {
  const text = quantilesText(verdict);
  return text === "" ? [] : [`${verdict.service}: ${text}`];
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
