import type { Handling } from "../model/finding.ts";
import type { DecisionKind, FindingEvent } from "../model/journal.ts";
import { isTimezone, localSpans } from "../schedule/zone.ts";

const NOTHING: Handling = { muted: null, accepted: null, owner: null };
const DECISIONS: readonly string[] = ["muted", "unmuted", "accepted", "assigned"] satisfies DecisionKind[];

export const isDecision = ({ kind }: Pick<FindingEvent, "kind">): boolean => DECISIONS.includes(kind);

/**
 * What of the decisions holds at `nowMs`, or null: nothing does. A regression ends a mute and an
 * acceptance; whose finding it is stays.
 * @param events of one finding, oldest first
 */
export function handlingOf(events: readonly FindingEvent[], nowMs: number): Handling | null {
  const all = events.reduce(decided, NOTHING);
  const muted = all.muted !== null && nowMs < all.muted.untilMs ? all.muted : null;
  return muted === null && all.accepted === null && all.owner === null ? null : { ...all, muted };
}

function decided(so: Handling, { kind, status, by = "", why = "", untilMs, owner }: FindingEvent): Handling {
  switch (kind) {
    case "muted":
      return untilMs === undefined ? so : { ...so, muted: { untilMs, why, by } };
    case "accepted":
      return { ...so, accepted: { why, by } };
    case "unmuted":
      return { ...so, muted: null, accepted: null };
    case "assigned":
      return { ...so, owner: owner === undefined ? null : { name: owner, by } };
    case "seen":
      return status === "regressed" ? { ...so, muted: null, accepted: null } : so;
    default:
      return so;
  }
}

/** Nobody wants news of it. */
export const isQuiet = (handling: Handling | null | undefined): boolean =>
  handling != null && (handling.muted !== null || handling.accepted !== null);

/** `2026-12-04` (that day included) or `2026-12-04T18:00`. */
const UNTIL = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}):(\d{2}))?$/;
const MINUTES_OF_DAY = 24 * 60;

/**
 * When a mute ends, in ms since the epoch.
 * @throws RangeError when it is no date, or past
 */
export function muteEnd(text: string, timezone: string, nowMs: number): number {
  const [, date = "", hour = "24", minute = "00"] = UNTIL.exec(text.trim()) ?? [];
  const zone = isTimezone(timezone) ? timezone : "UTC";
  const known = new Date(`${date}T00:00:00Z`);
  const at = Number(hour) * 60 + Number(minute);
  if (Number.isNaN(known.getTime()) || known.toISOString().slice(0, 10) !== date || at > MINUTES_OF_DAY)
    throw new RangeError(`"${text}" is not a date; write 2026-12-04 (that day included) or 2026-12-04T18:00`);
  const midnight = localSpans(zone, date, 0, MINUTES_OF_DAY)[0];
  const endMs = (at === 0 ? midnight?.fromMs : localSpans(zone, date, at - 1, at).at(-1)?.toMs) ?? null;
  if (endMs === null) throw new RangeError(`"${text}": no clock in ${zone} shows that time on that day`);
  if (endMs <= nowMs) throw new RangeError(`"${text}" is past: a mute ends later than now`);
  return endMs;
}

/** Annotation of a workload: its findings are muted until a date, for a reason. */
export const MUTE_KEY = "aftershock.dev/mute";

/**
 * What an annotation `2026-12-04 the driver's next release` says.
 * @throws RangeError when it has no date, a past one, or no reason
 */
export function muteAnnotation(text: string, timezone: string, nowMs: number): { untilMs: number; why: string } {
  const [date = "", ...words] = text.trim().split(/\s+/);
  const untilMs = muteEnd(date, timezone, nowMs);
  const why = words.join(" ");
  if (why === "") throw new RangeError(`"${text}" has no reason; write 2026-12-04 and why`);
  return { untilMs, why };
}
