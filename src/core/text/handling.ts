import type { Handling } from "../model/finding.ts";
import { formatTime } from "./format.ts";

/** A text each: `muted until 2026-12-05 00:00 (Europe/Berlin) by ada: the next release`. */
export function handlingTexts({ muted, accepted, owner }: Handling, timezone: string): readonly string[] {
  return [
    ...(muted === null
      ? []
      : [`muted until ${formatTime(muted.untilMs, timezone).slice(0, 16)} (${timezone}) by ${muted.by}: ${muted.why}`]),
    ...(accepted === null ? [] : [`accepted by ${accepted.by}: ${accepted.why}`]),
    ...(owner === null ? [] : [`assigned to ${owner.name} by ${owner.by}`]),
  ];
}
