import { degradedServices, isOpen } from "../model/degraded.ts";
import type { ExperimentState } from "../model/experiment.ts";
import { falseAlarmOf, outcomeOf } from "../model/outcome.ts";
import type { Judgement, SignalVerdict } from "../model/verdict.ts";
import { unreachable } from "../unreachable.ts";
import { counted, formatDuration, formatShare } from "./format.ts";
import { howItEnded, whatHappened } from "./impact.ts";

/**
 * How an experiment ended, as everybody says it: `recovered in 24 s; 812 requests failed`, `not
 * recovered: 50 % of requests fail`. What happened after the verdict is told beside it. Shams say
 * whether they are a false alarm; empty without a verdict.
 */
export function outcomeText(state: ExperimentState): string {
  const { judgement } = state;
  if (judgement === null) return "";
  if (state.cancelled) return "no outcome: cancelled";
  const outcome = outcomeOf(state);
  switch (outcome) {
    case "unaffected":
      return "unaffected";
    case "recovered":
      return [`recovered${inTime(judgement)}`, ...costText(judgement)].join("; ");
    case "not recovered":
      return notRecovered(state, judgement);
    case "unknown":
      return `unknown: ${whyUnknown(judgement)}`;
    case null:
      return shamText(state);
    default:
      return unreachable(outcome);
  }
}

function shamText(state: ExperimentState): string {
  const alarm = falseAlarmOf(state);
  if (alarm === null) return "unknown: the sham could not be judged";
  return alarm ? "false alarm: called worse though nothing was injected" : "no service was affected";
}

/**
 * `not recovered: 50 % of requests fail`; when it ended later: `not recovered by itself; recovered
 * after 4 h 10 min by a rollout`.
 */
function notRecovered({ recoveredAfterMs, cure, closed }: ExperimentState, judgement: Judgement): string {
  if (recoveredAfterMs !== null)
    return `not recovered by itself; recovered after ${formatDuration(recoveredAfterMs)}${cure === null ? "" : ` by ${cure}`}`;
  const worst = degradedServices(judgement).concerned.find(({ verdict }) => isOpen(verdict.kind));
  const fails = worst === undefined ? "" : whatFails(worst);
  const told = fails === "" ? "not recovered" : `not recovered: ${fails}`;
  return closed === null ? told : `${told}; closed by ${closed.by}: ${closed.why}`;
}

/** The last of the services that have to do with the target to recover decides. */
export function recoveryMs({ verdicts, concerned }: Judgement): number | null {
  const times = verdicts.flatMap(({ service, starved, verdict }) =>
    "recoveredAfterMs" in verdict && !starved && (concerned?.includes(service) ?? true)
      ? verdict.recoveredAfterMs.point
      : [],
  );
  return times.length === 0 ? null : Math.max(...times);
}

function inTime(judgement: Judgement): string {
  const ms = recoveryMs(judgement);
  return ms === null ? "" : ` in ${formatDuration(ms)}`;
}

/**
 * Requests that failed beyond expectation: of the service that lost most, because its callers pass
 * the same failures on and they would be counted again.
 */
function failedUntilVerdict({ verdicts, concerned }: Judgement): number {
  const excess = verdicts.flatMap(({ service, signal, effect }) =>
    signal === "failures" && (concerned?.includes(service) ?? true) ? Math.max(0, effect?.excess ?? 0) : [],
  );
  return Math.round(Math.max(0, ...excess));
}

function costText(judgement: Judgement): string[] {
  const failed = failedUntilVerdict(judgement);
  return failed < 1 ? [] : [`${counted(failed, "request")} failed`];
}

/** What a signal does while it lasts: `50 % of requests fail`; empty when it was not measured. */
export function whatFails({ signal, effect }: SignalVerdict): string {
  if (effect === null) return "";
  const change = effect.change.point;
  switch (signal) {
    case "failures":
      return `${formatShare(effect.after)} of requests fail`;
    case "connections":
      return `${formatShare(effect.after)} of connections fail`;
    case "latency":
      return effect.boundMs === null
        ? `answers take ${formatDuration(effect.after)}`
        : `${formatShare(effect.after)} of answers take longer than ${formatDuration(effect.boundMs)}`;
    case "rate":
      return change <= 1
        ? `${formatShare(1 - change)} fewer requests arrive`
        : `${formatShare(change - 1)} more requests arrive`;
    default:
      return unreachable(signal);
  }
}

const UNKNOWN = {
  "no-traffic": "no traffic",
  "no-data": "no data",
  insufficient: "too few requests",
  unclear: "it got worse, perhaps by chance",
  confounded: "something else happened at the same time",
  "cut-short": "stopped early",
  "fault-not-seen": "fault not seen",
  "by-itself": "it looked as bad when nothing was injected",
} as const;

/** The most frequent reason among the services that have to do with the target. */
function whyUnknown(judgement: Judgement): string {
  const { reason } = unknownOf(judgement) ?? {};
  return reason === undefined ? "no data" : UNKNOWN[reason];
}

/**
 * Why an outcome is unknown and what would help, of the first service with the most frequent
 * reason: `go-app/go-app: Not one request was seen before or after; send some traffic and try
 * again.` Null when the outcome is known.
 */
export function adviceText(state: ExperimentState): string | null {
  const { judgement } = state;
  if (judgement === null || outcomeOf(state) !== "unknown") return null;
  const { service, detail } = unknownOf(judgement) ?? {};
  return service === undefined ? null : `${service}: ${detail}`;
}

interface Unknown {
  readonly service: string;
  readonly reason: keyof typeof UNKNOWN;
  readonly detail: string;
}

function unknownOf({ verdicts, concerned }: Judgement): Unknown | null {
  const unknown = verdicts.flatMap(({ service, verdict }): Unknown[] =>
    verdict.kind === "inconclusive" && (concerned?.includes(service) ?? true)
      ? [{ service, reason: verdict.why, detail: verdict.detail }]
      : [],
  );
  const groups = [...Map.groupBy(unknown, ({ reason }) => reason).values()];
  return groups.toSorted((a, b) => b.length - a.length)[0]?.[0] ?? null;
}

/**
 * The effect of an experiment on one service: `50 % of requests failed (before: 0 %), not
 * recovered`.
 */
export function effectText(state: ExperimentState, worst: SignalVerdict): string {
  const happened = whatHappened(worst);
  const end = endOfDamage(state, worst);
  return happened === "" ? end : `${happened}, ${end}`;
}

/** The same of the service that was hit worst, with its name; empty when none got worse. */
export function worstEffectText(state: ExperimentState): string {
  const worst = state.judgement === null ? undefined : degradedServices(state.judgement).concerned[0];
  return worst === undefined ? "" : `${worst.service}: ${effectText(state, worst)}`;
}

/**
 * How a service's damage ended, by what the journal knows today, which may be more than the verdict
 * of that day.
 */
function endOfDamage(state: ExperimentState, worst: SignalVerdict): string {
  if (!isOpen(worst.verdict.kind)) return howItEnded(worst);
  if (state.recoveredAfterMs !== null)
    return `not recovered by itself; recovered after ${formatDuration(state.recoveredAfterMs)}`;
  return state.closed === null ? howItEnded(worst) : `closed by ${state.closed.by}: ${state.closed.why}`;
}
