/** Values for the placeholders of a query of `rules/signals`. */
export type QueryValues = Readonly<Record<string, string>>;

/** Go writes numbers from here on with an exponent. */
const EXPONENT_FROM = 1e6;

const PLACEHOLDER = /\$([a-z]+)/g;

/** Names of the placeholders in `query`, each once. */
export function placeholdersOf(query: string): readonly string[] {
  return [...new Set([...query.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ""))];
}

/** `query` with its placeholders replaced; values are put in as they are, so escape them first. */
export function fillQuery(query: string, values: QueryValues): string {
  return query.replace(PLACEHOLDER, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new RangeError(`query has no value for $${name}`);
    return value;
  });
}

/** `text` as a literal inside a double-quoted PromQL string. */
const escapeString = (text: string): string =>
  text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n").replace(/\r/g, "\\r");

/** `text` as a PromQL string. */
export const quoted = (text: string): string => `"${escapeString(text)}"`;

/** `text` so that RE2 matches nothing but it. */
const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** A regular expression that matches exactly these names, for use inside a quoted PromQL string. */
export function anyOf(names: readonly string[]): string {
  return [...new Set(names)].map((name) => escapeString(escapeRegExp(name))).join("|");
}

const WHOLE = /^\^\(\?:(.*)\)\$$/s;

/** The text of a regular expression that matches whole, as those of the signals file do. */
export const wholePattern = ({ source }: RegExp): string => WHOLE.exec(source)?.[1] ?? source;

/** A duration in PromQL; whole milliseconds. */
export const durationMs = (ms: number): string => `${Math.max(1, Math.round(ms))}ms`;

/**
 * How `bound` (ms) may be written in the label `le`: Prometheus 2 keeps what the proxy wrote
 * (`1000`, `1800000`), Prometheus 3 stores `1000.0` and, from a million on, `1.8e+06`.
 */
export function boundSpellings(bound: number): readonly string[] {
  if (bound === Number.POSITIVE_INFINITY) return ["+Inf"];
  if (!Number.isInteger(bound)) return [`${bound}`];
  if (bound < EXPONENT_FROM) return [`${bound}`, `${bound}.0`];
  const [digits, exponent = ""] = bound.toExponential().split("e+");
  return [`${bound}`, `${bound}.0`, `${digits}e+${exponent.padStart(2, "0")}`];
}

/** The number behind an `le` label; NaN when it is none. */
export function parseBound(le: string): number {
  if (le === "+Inf" || le === "Inf") return Number.POSITIVE_INFINITY;
  return le.trim() === "" ? Number.NaN : Number(le);
}

/** A sample as Prometheus writes it: `"0.5"`, `"1e+06"`, `"NaN"`, `"+Inf"`. */
export function parseSample(text: string): number {
  if (text === "+Inf" || text === "Inf") return Number.POSITIVE_INFINITY;
  if (text === "-Inf") return Number.NEGATIVE_INFINITY;
  return text === "" ? Number.NaN : Number(text);
}
