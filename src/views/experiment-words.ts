import { finalLookMs } from "../core/experiment/final-look.ts";
import { hasOpenDamage } from "../core/experiment/life.ts";
import type { ServiceId } from "../core/model/cluster.ts";
import type { ExperimentEvent, ExperimentState } from "../core/model/experiment.ts";
import { isTeamPolicy } from "../core/model/team-policy.ts";
import { unreachable } from "../core/model/units.ts";
import type { Judgement, Signal, SignalVerdict } from "../core/model/verdict.ts";
import { whatHappened } from "../core/report/impact.ts";
import { repeatText, whatTheExperimentDid } from "../core/report/subject.ts";
import { endOf, experimentLine } from "../core/report/weekly/experiments.ts";
import { formatDuration, formatTime, joinNames } from "../core/text/format.ts";

/** When an experiment happened, or was to happen. */
export const momentOf = (state: ExperimentState): number => state.t0Ms ?? state.plan?.slotMs ?? 0;

/** What a list says of an experiment in one line. */
export function inOneLine(state: ExperimentState): string {
  if (state.refusal !== null && state.judgement === null) return state.refusal.why;
  if (state.judgement === null) return "is being observed";
  const { impact } = experimentLine(state);
  if (impact !== "") return impact;
  const gone = [...new Set(withdrawn(state.judgement).map(({ service }) => service))];
  if (gone.length > 0) return `${joinNames(gone)} got worse, but not because of it: withdrawn`;
  return state.judgement.headline === "inconclusive" ? "could not be judged" : "nobody noticed";
}

/** A verdict that the final look took back, and why. */
export interface Withdrawn {
  readonly service: ServiceId;
  readonly signal: Signal;
  readonly detail: string;
}

export const withdrawn = ({ verdicts }: Judgement): readonly Withdrawn[] =>
  verdicts.flatMap(({ service, signal, verdict }) =>
    verdict.kind === "inconclusive" && verdict.why === "by-itself" ? [{ service, signal, detail: verdict.detail }] : [],
  );

/** When no service that has to do with the target got worse: that, or that nobody can know. */
export const nobodyWorse = ({ headline }: Judgement): string =>
  headline === "inconclusive"
    ? "No service that has to do with the target could be judged."
    : "No service that has to do with the target got worse.";

/** What is said while there is no verdict: until when it is observed, when that is longer than planned. */
export function observedText({ extension }: ExperimentState, timezone: string): string {
  if (extension === null || extension.over) return "It is being observed; there is no verdict yet.";
  return `It is observed for longer than planned, until about ${formatTime(extension.toMs, timezone).slice(0, 16)}: ${extension.why}. There is no verdict yet.`;
}

/** How long a provisional verdict stays one, and what may become of it. */
export const provisionalText = (state: ExperimentState, timezone: string): string =>
  `Provisional until about ${formatTime(finalLookMs(state), timezone).slice(0, 16)}: then it is compared with the minutes that could have been drawn and were not, and is withdrawn when it looked as bad at many of them.`;

/** Whose policy it is: `orders, of the team in shop`. */
export function policyText(policy: string): string {
  if (!isTeamPolicy(policy)) return policy;
  const at = policy.indexOf(".");
  return `${policy.slice(at + 1)}, of the team in ${policy.slice(0, at)}`;
}

/** What one service felt in an experiment. */
export function feltText(state: ExperimentState, worst: SignalVerdict): string {
  const happened = whatHappened(worst);
  return happened === "" ? endOf(state, worst) : `${happened}, ${endOf(state, worst)}`;
}

/** Where it is, when there is no verdict (yet). */
export function stateWord(state: ExperimentState): string {
  if (state.phase === "not-injected") return "not injected";
  if (state.phase === "observing" || state.phase === "cleared") return "observing";
  return state.phase;
}

export const isOpen = hasOpenDamage;

/** One line of the journal for people. */
export function eventText(event: ExperimentEvent, timezone: string): string {
  switch (event.kind) {
    case "planned":
      if (event.plan.natural !== undefined) return "taken up as an experiment that nobody planned";
      return `planned by policy ${policyText(event.plan.policy)}${event.plan.sham ? " as a control: nothing will be broken" : ""}, seed ${event.plan.seed}`;
    case "happened":
      return `something happened without us: ${event.choice.drawn}`;
    case "chosen":
      return `chose ${event.choice.target.workload.kind} ${event.choice.target.workload.namespace}/${event.choice.target.workload.name} among ${event.choice.eligible} eligible (${event.choice.ineligible} not): ${event.choice.drawn}${event.choice.confirms === undefined ? "" : `; again, ${repeatText(event.choice.confirms)}`}`;
    case "refused":
      return `refused by ${event.gate}: ${event.why}`;
    case "missed":
      return `missed: ${event.why}`;
    case "intended":
      return "wrote down the intent to inject, before the call";
    case "injected":
      return "injected";
    case "pretended":
      return "pretended to inject (control)";
    case "not-injected":
      return `not injected: ${event.why}`;
    case "injected-unsure":
      return `the call was cut off: ${event.why}`;
    case "aborted":
      return `aborted: ${event.why}`;
    case "undone":
      return ["took the fault back", ...(event.notes ?? [])].join("; ");
    case "cleared":
      return {
        replaced: "every pod was Ready again",
        undone: "the fault was taken back",
        uncordoned: "the node takes pods again",
        drawn: "end of the pretended fault",
        late: `not whole in time${event.why === undefined ? "" : ` (${event.why})`}: observed anyway`,
      }[event.how];
    case "extended":
      return `not settled at the end: ${event.why}; observed until ${formatTime(event.toMs, timezone)}`;
    case "curtailed":
      return `observed no longer, and judged as it was at its planned end: ${event.why}`;
    case "judged":
      return `judged: ${event.judgement.headline}${event.provisional ? " (provisional)" : ""}, from ${event.judgement.sourceRequests} requests to Prometheus`;
    case "diagnosed":
      return event.findings.length === 0
        ? "diagnosed: no weakness found"
        : `diagnosed: ${event.findings.map(({ title }) => title).join("; ")}`;
    case "notified":
      return event.news.length === 0 ? "no news to tell" : `told: ${event.news.join(", ")}`;
    case "still-down":
      return `looked again: ${joinNames(event.services)} still worse; next look ${formatTime(event.nextMs, timezone)}`;
    case "recovered":
      return `recovered after ${formatDuration(event.afterMs)}${event.cure === null ? "" : `: ${event.cure}`}`;
    case "recovery-notified":
      return "told that it recovered";
    case "finalised":
      return finalText(event);
    case "closed":
      return `closed by ${event.by}: ${event.why}`;
    case "cancelled":
      return `cancelled by ${event.by}: ${event.why}`;
    default:
      return unreachable(event);
  }
}

function finalText({ checks, minutes = [] }: Extract<ExperimentEvent, { kind: "finalised" }>): string {
  const vetoed = checks.filter((check) => check.vetoed);
  if (checks.length === 0 && minutes.length > 0)
    return "compared with the minutes that were not drawn, and kept what they scored for what several experiments show";
  if (vetoed.length === 0) return "compared with the instants that were not drawn: the verdict is final";
  const names = vetoed.map(({ service, signal }) => `${signal} of ${service}`);
  return `compared with the instants that were not drawn: ${joinNames(names)} looked as bad without us, and ${names.length === 1 ? "is" : "are"} withdrawn`;
}

export { whatTheExperimentDid };
