import { damagedServices } from "../experiment/life.ts";
import type { ServiceId } from "../model/cluster.ts";
import { degradedServices } from "../model/degraded.ts";
import { outcomeOf } from "../model/outcome.ts";
import { DAY_MS, HOUR_MS, WEEK_MS } from "../model/units.ts";
import type { DesignCheck, Judgement, SignalVerdict } from "../model/verdict.ts";
import { counted, formatDuration, formatShare, someNames } from "../text/format.ts";
import { moment } from "../text/moment.ts";
import type { Notice } from "../text/notice.ts";
import { shortService, whatTheExperimentDid } from "../text/subject.ts";
import { findingPart, impactPart, linksOf, type NoticeInput, sinceOf } from "./notices.ts";
import { smallPrint } from "./small-print.ts";

/** What follow-ups need of an experiment. */
export type FollowUpInput = Omit<NoticeInput, "previous">;

/** The good end of an experiment that had left damage. */
export function recoveredNotice(about: FollowUpInput): Notice {
  const { id, state, link, timezone, audience } = about;
  const services = damagedServices(state);
  const names = someNames(services.map(shortService));
  const after = state.recoveredAfterMs === null ? "" : ` after ${formatDuration(state.recoveredAfterMs)}`;
  const when = state.recoveredMs === null ? "" : ` at ${moment(state.recoveredMs)}`;
  return {
    kind: "recovered",
    key: `${id}:recovered`,
    experimentId: id,
    ...sinceOf(state),
    severity: "good",
    title: `${names} recovered${after}`,
    summary: [
      `${whatTheExperimentDid(state)}; ${names} went back to normal${when}.`,
      state.cure === null ? "What helped is not known." : `What helped: ${state.cure}.`,
      ...(state.failedInAll === null ? [] : [`${counted(state.failedInAll, "request")} failed in all.`]),
      ...(state.findings.length > 0 ? ["The weakness stays until it is fixed:"] : []),
    ].join(" "),
    impact: services.map((service) => ({ service, line: "back to normal" })),
    findings: state.findings.map(({ title, status }) => ({ title, why: "", now: null, fix: [], status })),
    context: smallPrint(state, about, []),
    link,
    ...linksOf(about),
    timezone,
    outcome: outcomeOf(state),
    audience,
  };
}

/**
 * Takes back what was told of services that got worse by themselves after all; null when nothing
 * was told, or all of it stands.
 * @param final the judgement after the final look
 */
export function withdrawnNotice(about: FollowUpInput, final: Judgement, checks: readonly DesignCheck[]): Notice | null {
  const { id, state, link, timezone, audience } = about;
  const told = state.news.some((key) => key.startsWith(`${id}:degraded`) && !key.endsWith("(not delivered)"));
  if (!told || state.judgement === null) return null;
  const still = degradedServices(final).concerned.map(({ service }) => service);
  const gone = degradedServices(state.judgement).concerned.filter(({ service }) => !still.includes(service));
  if (gone.length === 0) return null;
  const names = someNames(gone.map(({ service }) => shortService(service)));
  const when = state.t0Ms === null ? "" : ` at ${moment(state.t0Ms)}`;
  return {
    kind: "withdrawn",
    key: `${id}:withdrawn`,
    experimentId: id,
    ...sinceOf(state),
    severity: "info",
    title: `${names}: not because of the experiment after all`,
    summary: [
      `${whatTheExperimentDid(state, when)}.`,
      `At other moments of that day at which nothing was done, ${names} looked as bad: that verdict, and what was concluded from it, is withdrawn.`,
      ...(still.length > 0 ? [`What was told of ${someNames(still.map(shortService))} stands.`] : []),
    ].join(" "),
    impact: gone.map(({ service }) => ({ service, line: instantsLine(service, checks) })),
    findings: [],
    context: smallPrint({ ...state, judgement: final, provisional: false }, about, []),
    link,
    ...linksOf(about),
    timezone,
    outcome: outcomeOf(state),
    audience,
  };
}

function instantsLine(service: ServiceId, checks: readonly DesignCheck[]): string {
  const own = checks.filter((check) => check.service === service && check.vetoed);
  return own
    .map(
      ({ signal, p, candidates }) =>
        `${signal} as bad at ${Math.round((p ?? 1) * candidates) - 1} of ${candidates - 1} other minutes`,
    )
    .join(", ");
}

/**
 * Open damage is told again every hour of the first day, every day of the first week, then every
 * week: never not at all.
 */
const HOURLY_FOR_MS = DAY_MS;
const DAILY_FOR_MS = WEEK_MS;

/** What a service does at this moment, for a reminder. */
export interface CurrentCounts {
  readonly service: ServiceId;
  readonly requests: number;
  readonly failures: number;
}

/**
 * A reminder that damage is still open, or null when none is due. Its key is the same until the
 * next reminder is due, so that it may be asked for at every look.
 */
export function stillDownNotice(about: FollowUpInput, nowMs: number, current: readonly CurrentCounts[]): Notice | null {
  const { t0Ms } = about.state;
  return t0Ms === null || rungOf(nowMs - t0Ms) === 0 ? null : openDamageNotice(about, nowMs, current);
}

/** What is still worse, whether or not a reminder is due; null: nothing is. */
export function openDamageNotice(
  about: FollowUpInput,
  nowMs: number,
  current: readonly CurrentCounts[] = [],
): Notice | null {
  const { id, state, link, timezone, audience } = about;
  if (state.t0Ms === null || state.judgement === null) return null;
  const openMs = nowMs - state.t0Ms;
  const services = damagedServices(state);
  if (services.length === 0) return null;
  const names = someNames(services.map(shortService));
  const command = state.findings.find(({ advice }) => advice.now !== null)?.advice.now;
  return {
    kind: "still-down",
    key: `${id}:still-down:${rungOf(openMs)}`,
    experimentId: id,
    ...sinceOf(state),
    severity: "bad",
    title: `${names} ${services.length === 1 ? "has" : "have"} been worse for ${formatDuration(openMs)}`,
    ...(command == null ? {} : { command }),
    summary: `${whatTheExperimentDid(state, ` at ${moment(state.t0Ms)}`)}. Nothing else is broken on purpose near ${names} until this has ended.`,
    impact: degradedServices(state.judgement)
      .concerned.filter(({ service }) => services.includes(service))
      .map((verdict) => withCurrent(verdict, current)),
    // why, and what to change, was told when it began
    findings: state.findings
      .filter(({ advice }) => advice.now !== null)
      .map((finding) => ({ ...findingPart(finding, about), why: "", fix: [] })),
    context: smallPrint(state, about, []),
    link,
    ...linksOf(about),
    timezone,
    outcome: outcomeOf(state),
    audience,
  };
}

/** A service with what it does now, where that was counted. */
function withCurrent(verdict: SignalVerdict, current: readonly CurrentCounts[]): Notice["impact"][number] {
  const counts = current.find(({ service }) => service === verdict.service);
  if (verdict.signal !== "failures" || counts === undefined || counts.requests < 1) return impactPart(verdict);
  const share = formatShare(counts.failures / counts.requests);
  const line = `${share} of requests fail now (before: ${formatShare(verdict.effect?.before ?? 0)})`;
  return { service: verdict.service, line, short: line };
}

/** Counts the reminders that have been due: equal until the next one is. */
function rungOf(openMs: number): number {
  const hours = Math.floor(Math.min(openMs, HOURLY_FOR_MS) / HOUR_MS);
  const days = Math.floor(Math.max(0, Math.min(openMs, DAILY_FOR_MS) - HOURLY_FOR_MS) / DAY_MS);
  const weeks = Math.floor(Math.max(0, openMs - DAILY_FOR_MS) / WEEK_MS);
  return hours + days + weeks;
}
