import type { LabelSet } from "./openmetrics.ts";
import { bytes, double, message, packed, text, varint, zigzag } from "./protobuf.ts";

/** Which format proxies answer with, and its content type. */
export const TEXT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
export const PROTOBUF_TYPE =
  "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

const COUNTER_TYPE = 0;
const HISTOGRAM_TYPE = 4;

/** A counter and a histogram of durations of the same requests, as they stand at `atMs`. */
export interface Page {
  readonly atMs: number;
  readonly labels: LabelSet;
  /** Durations so far in ms, each as often as it was seen. */
  readonly tookMs: ReadonlyMap<number, number>;
}

const REQUESTS = "istio_requests_total";
const DURATIONS = "istio_request_duration_milliseconds";
const total = ({ tookMs }: Page): number => [...tookMs.values()].reduce((a, b) => a + b, 0);
const sum = ({ tookMs }: Page): number => [...tookMs].reduce((all, [took, times]) => all + took * times, 0);

/** The page as Envoy writes it, with classic buckets. */
export function textPage(page: Page, boundsMs: readonly number[]): Buffer {
  const pairs = Object.entries(page.labels).map(([name, value]) => `${name}="${value}"`);
  const line = (name: string, labels: readonly string[], value: number): string =>
    `${name}{${labels.join(",")}} ${value} ${page.atMs}`;
  const under = (bound: number): number =>
    [...page.tookMs].reduce((all, [took, times]) => all + (took <= bound ? times : 0), 0);
  return Buffer.from(
    `${[
      `# TYPE ${REQUESTS} counter`,
      line(REQUESTS, pairs, total(page)),
      `# TYPE ${DURATIONS} histogram`,
      ...boundsMs.map((bound) => line(`${DURATIONS}_bucket`, [...pairs, `le="${bound}"`], under(bound))),
      line(`${DURATIONS}_bucket`, [...pairs, 'le="+Inf"'], total(page)),
      line(`${DURATIONS}_sum`, pairs, sum(page)),
      line(`${DURATIONS}_count`, pairs, total(page)),
    ].join("\n")}\n`,
  );
}

/**
 * The page in the only format in which exponential buckets are scraped:
 * `io.prometheus.client.MetricFamily` { name = 1, type = 3, metric = 4 { label = 1, counter = 3 {
 * value = 1 }, timestamp_ms = 6, histogram = 7 } }, each with its length before it.
 */
export function protobufPage(page: Page, schema: number): Buffer {
  const family = (name: string, type: number, value: Buffer): Buffer => {
    const labels = Object.entries(page.labels).map(([key, one]) => bytes(1, message([text(1, key), text(2, one)])));
    const metric = message([...labels, value, varint(6, page.atMs)]);
    return message([text(1, name), varint(3, type), bytes(4, metric)]);
  };
  const families = [
    family(REQUESTS, COUNTER_TYPE, bytes(3, double(1, total(page)))),
    family(DURATIONS, HISTOGRAM_TYPE, bytes(7, exponential(page, schema))),
  ];
  return Buffer.concat(families.map((one) => bytes(0, one).subarray(1)));
}

/**
 * `Histogram` { sample_count = 1, sample_sum = 2, schema = 5, zero_threshold = 6, zero_count = 7,
 * positive_span = 12, positive_delta = 13 }
 */
function exponential(page: Page, schema: number): Buffer {
  const counts = new Map<number, number>();
  for (const [took, times] of page.tookMs) {
    const index = Math.ceil(Math.log2(took) * 2 ** schema);
    counts.set(index, (counts.get(index) ?? 0) + times);
  }
  const ascending = [...counts].sort(([a], [b]) => a - b);
  const spans = ascending.map(([index], i) => {
    const gap = i === 0 ? index : index - ascending[i - 1]![0] - 1;
    return bytes(12, message([varint(1, zigzag(gap)), varint(2, 1)]));
  });
  const deltas = ascending.map(([, n], i) => zigzag(n - (ascending[i - 1]?.[1] ?? 0)));
  return message([
    varint(1, total(page)),
    double(2, sum(page)),
    varint(5, zigzag(schema)),
    double(6, 2 ** -128),
    varint(7, 0),
    ...spans,
    packed(13, deltas),
  ]);
}
