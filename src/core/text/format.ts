import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../model/units.ts";

/**
 * `0 s`, `850 ms`, `42 s`, `4 min 12 s`, `2 h 5 min`, `3 d 4 h`: at most two units, for people.
 * Negative spans count as none.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return "unknown";
  if (ms < 0.5) return "0 s";
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  const whole = Math.round(ms / SECOND_MS) * SECOND_MS;
  if (whole < MINUTE_MS) return `${whole / SECOND_MS} s`;
  if (whole < HOUR_MS) return twoUnits(whole, MINUTE_MS, "min", SECOND_MS, "s");
  if (whole < DAY_MS) return twoUnits(whole, HOUR_MS, "h", MINUTE_MS, "min");
  return twoUnits(whole, DAY_MS, "d", HOUR_MS, "h");
}

function twoUnits(ms: number, bigMs: number, big: string, smallMs: number, small: string): string {
  const rest = Math.floor((ms % bigMs) / smallMs);
  const head = `${Math.floor(ms / bigMs)} ${big}`;
  return rest === 0 ? head : `${head} ${rest} ${small}`;
}

/** A share 0…1 as percent, with as many digits as it deserves: `0 %`, `0.4 %`, `47 %`, `99.6 %`. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return "unknown";
  if (share !== 0 && Math.abs(share) < 0.0005) return "under 0.1 %";
  const fine = Math.abs(share) < 0.0995 || (share >= 0.9945 && share < 1);
  const percent = share * 100;
  return `${fine ? Number(percent.toFixed(1)) : Math.round(percent)} %`;
}

/** `2.4 ×`, `12 ×`. */
export function formatRatio(ratio: number): string {
  return `${ratio < 9.95 ? Number(ratio.toFixed(1)) : Math.round(ratio)} ×`;
}

/** Whole numbers with thin grouping: `12,345`. */
export function formatCount(n: number): string {
  return Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** `1 pod`, `2 pods`. */
export const counted = (n: number, noun: string): string => `${formatCount(n)} ${n === 1 ? noun : plural(noun)}`;

const plural = (noun: string): string => {
  if (/(s|sh|ch|x)$/.test(noun)) return `${noun}es`;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
};

/** `a`, `a and b`, `a, b and c`. */
export function joinNames(names: readonly string[]): string {
  if (names.length < 2) return names[0] ?? "";
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** More names than this are only counted where a sentence goes on after them. */
const NAMES_TOLD = 4;

/** As `joinNames`; of many the first and how many more: `a, b, c and 11 more`. */
export const someNames = (names: readonly string[]): string =>
  names.length <= NAMES_TOLD
    ? joinNames(names)
    : joinNames([...names.slice(0, NAMES_TOLD - 1), `${names.length - NAMES_TOLD + 1} more`]);

/** `2026-03-06 09:15:00` in `timezone` (IANA name). */
export function formatTime(atMs: number, timezone: string): string {
  if (formatOf?.timezone !== timezone) {
    const format = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "medium" });
    formatOf = { timezone, format };
  }
  return formatOf.format.format(atMs);
}

/** Made once for the zone that is told in: making one takes longer than a hundred uses of it. */
let formatOf: { readonly timezone: string; readonly format: Intl.DateTimeFormat } | null = null;

/** `09:15:00` in `timezone`. */
export const formatClock = (atMs: number, timezone: string): string => formatTime(atMs, timezone).slice(11);

/** `First letter big`, the rest as it is. */
export const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
