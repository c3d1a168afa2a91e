import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";

/** `60s`, `5m`, `1h30m`, `2d`, `250ms`; parts from large to small, each once. */
export const DURATION_PATTERN = /^(?=.)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+)s)?(?:(\d+)ms)?$/;

const UNITS_MS = [DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, 1] as const;
const UNIT_NAMES = ["d", "h", "m", "s", "ms"] as const;

/** Milliseconds of a duration such as `1h30m`; null when the text is none. */
export function parseDuration(text: string): number | null {
  const parts = DURATION_PATTERN.exec(text);
  if (parts === null) return null;
  return UNITS_MS.reduce((sum, unitMs, i) => sum + Number(parts[i + 1] ?? 0) * unitMs, 0);
}

/** The shortest text that `parseDuration` reads as `ms`: 5_400_000 is `1h30m`, 0 is `0s`. */
export function formatDuration(ms: number): string {
  let left = Math.round(ms);
  const parts = UNITS_MS.map((unitMs, i) => {
    const count = Math.floor(left / unitMs);
    left -= count * unitMs;
    return count === 0 ? "" : `${count}${UNIT_NAMES[i]}`;
  });
  return parts.join("") || "0s";
}
