import type { LabelSet, Sample } from "./openmetrics.ts";
import type { WrittenSeries } from "./remote-write.ts";

/**
 * How a proxy's durations are kept: in exponential buckets whose resolution may change, or in those
 * that the proxy itself exposes.
 */
export type NativeForm =
  | { readonly kind: "exponential"; readonly schemaAt: (atMs: number) => number }
  | { readonly kind: "custom"; readonly boundsMs: readonly number[] };

/** One native histogram; `buckets` are counts by index, which are not cumulative. */
export interface NativeSample {
  readonly atMs: number;
  readonly schema: number;
  readonly customBoundsMs: readonly number[] | null;
  readonly count: number;
  readonly sum: number;
  readonly buckets: readonly (readonly [index: number, count: number])[];
}

/**
 * Label under which a proxy counts each bucket of a native histogram by itself; it is never sent.
 */
export const BUCKET_LABEL = "native bucket";
/** Each power of two is divided into 2^5 buckets before a coarser schema is applied. */
const FINEST_SCHEMA = 5;

/** Index of the bucket of an observation, as `native bucket` has it. */
export function bucketOf(tookMs: number, form: NativeForm): number {
  if (form.kind === "exponential") return Math.ceil(Math.log2(tookMs) * 2 ** FINEST_SCHEMA);
  const index = form.boundsMs.findIndex((bound) => tookMs <= bound);
  return index < 0 ? form.boundsMs.length : index;
}

interface Numbers {
  readonly labels: LabelSet;
  readonly timesMs: number[];
  readonly values: number[];
}
/** Counts by bucket and time. */
interface Histograms {
  readonly labels: LabelSet;
  readonly byTime: Map<number, Map<number, number>>;
}

/**
 * Everything that a proxy exposed, as series: numbers as they are, buckets put together into native
 * histograms.
 */
export function writtenSeries(samples: readonly Sample[], form: NativeForm | null): readonly WrittenSeries[] {
  const floats = new Map<string, Numbers>();
  const natives = new Map<string, Histograms>();
  for (const { name, labels, atMs, value } of samples) {
    const { [BUCKET_LABEL]: bucket, ...rest } = labels;
    const named = { __name__: name, ...rest };
    const key = JSON.stringify(named);
    if (bucket === undefined || form === null) {
      const series: Numbers = floats.get(key) ?? { labels: named, timesMs: [], values: [] };
      floats.set(key, series);
      series.timesMs.push(atMs);
      series.values.push(value);
    } else {
      const series: Histograms = natives.get(key) ?? { labels: named, byTime: new Map() };
      natives.set(key, series);
      const buckets = series.byTime.get(atMs) ?? new Map<number, number>();
      series.byTime.set(atMs, buckets);
      const index = form.kind === "custom" ? Number(bucket) : coarser(Number(bucket), form.schemaAt(atMs));
      buckets.set(index, (buckets.get(index) ?? 0) + value);
    }
  }
  return [
    ...floats.values(),
    ...[...natives.values()].map(
      ({ labels, byTime }): WrittenSeries => ({
        labels,
        timesMs: [],
        values: [],
        histograms: [...byTime]
          .sort(([a], [b]) => a - b)
          .map(([atMs, buckets]) => nativeSample(atMs, buckets, form as NativeForm)),
      }),
    ),
  ];
}

function nativeSample(atMs: number, buckets: ReadonlyMap<number, number>, form: NativeForm): NativeSample {
  const count = [...buckets.values()].reduce((a, b) => a + b, 0);
  const schema = form.kind === "exponential" ? form.schemaAt(atMs) : 0;
  const customBoundsMs = form.kind === "custom" ? form.boundsMs : null;
  // Nobody reads the sum; it only has to grow with the count.
  return { atMs, schema, customBoundsMs, count, sum: count, buckets: [...buckets] };
}

const coarser = (index: number, schema: number): number => Math.ceil(index / 2 ** (FINEST_SCHEMA - schema));
