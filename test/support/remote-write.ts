import type { NativeSample } from "./native-histograms.ts";
import { bytes, double, message, packed, snappy, text, varint, zigzag } from "./protobuf.ts";

/** Bits of the NaN that Prometheus takes for a staleness marker (model/value). */
const STALE_BITS = 0x7ff0000000000002n;
/** Series of one request. */
const BATCH = 500;
/** The schema of native histograms with custom buckets. */
const CUSTOM_SCHEMA = -53;

/**
 * Samples of one series in time order: numbers, of which `stale[i]` is 1 where a staleness marker
 * stands instead, or native histograms.
 */
export interface WrittenSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly stale?: Uint8Array | null;
  readonly histograms?: readonly NativeSample[];
}

/**
 * Sends samples to a real Prometheus by its remote-write protocol, which, unlike the OpenMetrics
 * format of promtool, carries staleness markers and native histograms. @throws Error with the
 * server's answer
 */
export async function remoteWrite(url: string, series: readonly WrittenSeries[]): Promise<void> {
  for (let i = 0; i < series.length; i += BATCH) {
    const body = snappy(message(series.slice(i, i + BATCH).map((one) => bytes(1, timeSeries(one)))));
    const headers = {
      "content-encoding": "snappy",
      "content-type": "application/x-protobuf",
      "x-prometheus-remote-write-version": "0.1.0",
    };
    const response = await fetch(`${url}/api/v1/write`, { method: "POST", headers, body: new Uint8Array(body) });
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  }
}

/**
 * `prometheus.TimeSeries` { labels = 1 { name = 1, value = 2 }, samples = 2 { double = 1, int64 = 2
 * }, histograms = 4 }
 */
function timeSeries({ labels, timesMs, values, stale, histograms = [] }: WrittenSeries): Buffer {
  const names = Object.keys(labels).sort();
  return message([
    ...names.map((name) => bytes(1, message([text(1, name), text(2, labels[name]!)]))),
    ...Array.from(timesMs, (atMs, i) => {
      const value = stale?.[i] === 1 ? STALE_BITS : values[i]!;
      return bytes(2, message([double(1, value), varint(2, atMs)]));
    }),
    ...histograms.map((one) => bytes(4, histogram(one))),
  ]);
}

/**
 * `prometheus.Histogram` of prompb/types.proto; buckets are told as runs of neighbours (spans), and
 * counts as differences.
 */
function histogram({ atMs, schema, customBoundsMs, count, sum, buckets }: NativeSample): Buffer {
  const runs: { readonly start: number; length: number }[] = [];
  const ascending = [...buckets].sort(([a], [b]) => a - b);
  for (const [index] of ascending) {
    const last = runs.at(-1);
    if (last !== undefined && last.start + last.length === index) last.length++;
    else runs.push({ start: index, length: 1 });
  }
  const offset = (i: number): number => runs[i]!.start - (i === 0 ? 0 : runs[i - 1]!.start + runs[i - 1]!.length);
  const deltas = ascending.map(([, n], i) => n - (ascending[i - 1]?.[1] ?? 0));
  const custom = customBoundsMs !== null;
  return message([
    varint(1, count),
    double(3, sum),
    varint(4, zigzag(custom ? CUSTOM_SCHEMA : schema)),
    double(5, custom ? 0 : 2 ** -128),
    varint(6, 0),
    ...runs.map(({ length }, i) => bytes(11, message([varint(1, zigzag(offset(i))), varint(2, length)]))),
    packed(12, deltas.map(zigzag)),
    varint(15, atMs),
    ...(custom ? customBoundsMs.map((bound) => double(16, bound)) : []),
  ]);
}
