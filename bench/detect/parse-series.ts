import type { RawSeries } from "./format.ts";
import { isPossible, type Kind, keyOf, kindOf } from "./signals.ts";

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);
export const isPair = (x: unknown): x is readonly [unknown, unknown] => Array.isArray(x) && x.length === 2;

export interface ParsedSeries {
  readonly series: readonly RawSeries[];
  /** What was left out or not believed, one sentence each. */
  readonly notes: readonly string[];
}

/** Counts by name, told in one sentence. */
class Tally {
  readonly #counts = new Map<string, number>();
  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
  told(say: (list: string) => string): string[] {
    const list = [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, n]) => `${name} ${n}`);
    return list.length === 0 ? [] : [say(list.join(", "))];
  }
}

/**
 * The series that the judge has a use for, samples in order. Values that are no finite numbers, or
 * that the signal cannot have, are unknown. Of two series with one name the one with more samples
 * counts.
 */
export function parseSeries(raw: readonly unknown[]): ParsedSeries {
  const [ignored, impossible] = [new Tally(), new Tally()];
  let [broken, doubled] = [0, 0];
  const byKey = new Map<string, RawSeries>();
  for (const one of raw) {
    const name = nameOf(one);
    if (name === null) {
      broken++;
      continue;
    }
    const kind = kindOf(name);
    if (kind === null) {
      ignored.add(name.signal);
      continue;
    }
    const series = { ...name, ...samplesOf(one as Samples, kind, () => impossible.add(name.signal)) };
    const known = byKey.get(keyOf(name));
    if (known !== undefined) doubled++;
    if (known === undefined || weight(series) > weight(known)) byKey.set(keyOf(name), series);
  }
  return {
    series: [...byKey.values()].filter((s) => s.t.length > 0),
    notes: [
      ...ignored.told((list) => `no use for signals: ${list}`),
      ...impossible.told(
        (list) =>
          `values that the signal cannot have count as unknown (success_rate is 0…1, latency ms above 0): ${list}`,
      ),
      ...(broken === 0
        ? []
        : [`${broken} series left out: each needs the texts service and signal, and the lists t and v`]),
      ...(doubled === 0 ? [] : [`${doubled} series left out: another of the same name has as many samples`]),
    ],
  };
}

/** More samples first, then the larger ones: whichever comes first in the file changes nothing. */
const weight = ({ v }: RawSeries): number => {
  const known = v.filter((x) => !Number.isNaN(x));
  return known.length + Math.min(known.reduce((a, b) => a + b, 0) / 1e12, 0.5);
};

interface Samples {
  readonly t: readonly unknown[];
  readonly v: readonly unknown[];
}

function nameOf(raw: unknown): Omit<RawSeries, "t" | "v"> | null {
  if (!isObject(raw)) return null;
  const { service, signal, t, v, edge, reporter } = raw;
  if (typeof service !== "string" || typeof signal !== "string" || !Array.isArray(t) || !Array.isArray(v)) return null;
  return {
    service,
    signal,
    ...(isPair(edge) ? { edge: [String(edge[0]), String(edge[1])] as const } : {}),
    ...(typeof reporter === "string" ? { reporter } : {}),
  };
}

const isNumber = (x: unknown): x is number => typeof x === "number" && Number.isFinite(x);

/** Samples in order of time; the last of several at one instant counts. */
function samplesOf({ t, v }: Samples, kind: Kind, onImpossible: () => void): Pick<RawSeries, "t" | "v"> {
  const order: number[] = [];
  for (let i = 0; i < t.length; i++) if (isNumber(t[i])) order.push(i);
  const at = (i: number): number => t[i] as number;
  if (order.some((i, k) => k > 0 && at(i) <= at(order[k - 1]!))) order.sort((a, b) => at(a) - at(b) || a - b);
  const last = order.filter((i, k) => k + 1 === order.length || at(order[k + 1]!) !== at(i));
  let wrong = false;
  const values = Float64Array.from(last, (i) => {
    const value = v[i];
    if (!isNumber(value)) return Number.NaN;
    if (isPossible(kind, value)) return value;
    wrong = true;
    return Number.NaN;
  });
  if (wrong) onImpossible();
  return { t: Float64Array.from(last, at), v: values };
}
