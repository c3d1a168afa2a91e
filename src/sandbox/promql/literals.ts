import { badData } from "./errors.ts";

const UNIT_MS: Readonly<Record<string, number>> = {
  y: 365 * 86_400_000,
  w: 7 * 86_400_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
};
const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

/** `1h30m` in milliseconds. @throws PromqlError bad_data */
export function parseDurationMs(text: string): number {
  const parts = DURATION.exec(text);
  if (text === "" || parts === null) throw badData(`not a valid duration string: "${text}"`);
  const units = ["y", "w", "d", "h", "m", "s", "ms"];
  const ms = units.reduce((sum, unit, i) => sum + Number(parts[i + 1] ?? 0) * UNIT_MS[unit]!, 0);
  if (ms === 0) throw badData("duration must be greater than 0");
  return ms;
}

/**
 * A number literal, perhaps with a sign: decimal, `0x…`, `Inf`, `NaN`. @throws PromqlError bad_data
 */
export function parseNumber(text: string): number {
  const lower = text.toLowerCase();
  if (lower === "nan") return Number.NaN;
  if (/^[+-]?inf$/.test(lower)) return lower.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^0x[0-9a-f]+$/.test(lower) || /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(lower)) return Number(lower);
  throw badData(`error parsing number: "${text}"`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "'": "'",
  '"': '"',
};

/**
 * A quoted string: `"…"` and `'…'` know Go's escapes, a backquoted one none. @throws PromqlError
 * bad_data
 */
export function parseString(text: string): string {
  const body = text.slice(1, -1);
  if (text.startsWith("`")) return body;
  return body.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.|$)/gsu, (_, code: string) => {
    const plain = ESCAPES[code];
    if (plain !== undefined) return plain;
    if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]{3}$/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8));
    throw badData(`unknown escape sequence in ${text}`);
  });
}
