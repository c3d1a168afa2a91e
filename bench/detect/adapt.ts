import type { QuantileSeries } from "../../src/core/judge/judge.ts";
import type { ServiceCounts } from "../../src/core/model/series.ts";
import type { RawSeries } from "./format.ts";

/** Requests a step that are assumed where a success rate comes without any count. */
const ASSUMED_REQUESTS = 100;
const QUANTILE = /^(?:other:)?(?:edge_|client_)?latency_p(\d+(?:\.\d+)?)$/;
const MEAN = /^(?:other:)?(?:edge_|client_)?latency_(?:avg|mean)$/;
/** A mean leans on the slow ones nearly as much as a p90 does. */
const MEAN_AS_QUANTILE = 0.9;

export type Kind = "requests" | "success" | "quantile";

/** What a series tells the judge; null for what it has no use for (machine metrics, calls that a service makes itself). */
export function kindOf(series: RawSeries): Kind | null {
  if (series.edge === undefined && series.signal === "requests") return "requests";
  if (series.edge === undefined && series.signal === "success_rate") return "success";
  if (!QUANTILE.test(series.signal) && !MEAN.test(series.signal)) return null;
  // What a caller saw counts for the callee; the callee's own report of the same edge is its server-side latency again.
  if (series.edge !== undefined && (series.reporter ?? "source") !== "source") return null;
  return "quantile";
}

/** Percent or per-mille are written in one set and not in another: 99 is the 0.99 quantile, 999 the 0.999. */
function quantileOf(signal: string): number {
  const digits = QUANTILE.exec(signal)?.[1];
  if (digits === undefined) return MEAN_AS_QUANTILE;
  const value = Number(digits);
  return value <= 100 ? value / 100 : value / 10 ** digits.length;
}

const ownerOf = (s: RawSeries): string => s.edge?.[1] ?? s.service;
const labelOf = (s: RawSeries): string => (s.edge === undefined ? s.signal : `${s.signal} seen by ${s.edge[0]}`);

export interface Adapted {
  readonly services: readonly ServiceCounts[];
  readonly quantiles: readonly QuantileSeries[];
}

/**
 * Turns ratio-and-quantile telemetry into what the judge reads: success rate × requests become counts, quantiles stay quantiles. A mean latency
 * is used for services of which no quantile was recorded.
 * @param place puts one series on the grid
 */
export function adapt(series: readonly RawSeries[], steps: number, place: (s: RawSeries) => Float64Array): Adapted {
  const requests = new Map<string, Float64Array>();
  const success = new Map<string, Float64Array>();
  for (const s of series) {
    const kind = kindOf(s);
    if (kind === "requests") requests.set(s.service, place(s));
    if (kind === "success") success.set(s.service, place(s));
  }
  const latencies = series.filter((s) => kindOf(s) === "quantile");
  const better = new Set(latencies.filter((s) => !MEAN.test(s.signal)).map(ownerOf));
  const quantiles = latencies
    .filter((s) => !(MEAN.test(s.signal) && better.has(ownerOf(s))))
    .map((s) => quantileSeries(s, place(s), requests));
  const measured = [...requests.values(), ...success.values(), ...quantiles.map((q) => q.values)];
  const valid = Uint8Array.from({ length: steps }, (_, i) => (measured.some((v) => !Number.isNaN(v[i])) ? 1 : 0));
  const names = [...new Set([...requests.keys(), ...success.keys(), ...quantiles.map((q) => q.service)])].sort();
  const services = names.map((service) => countsOf(service, requests.get(service), success.get(service), valid));
  return { services, quantiles };
}

function quantileSeries(
  s: RawSeries,
  values: Float64Array,
  requests: ReadonlyMap<string, Float64Array>,
): QuantileSeries {
  const carriers = s.edge === undefined ? [s.service] : [s.edge[1], s.edge[0]];
  return {
    service: ownerOf(s),
    label: labelOf(s),
    quantile: quantileOf(s.signal),
    values,
    requests: carriers.flatMap((name) => requests.get(name) ?? []),
  };
}

/** A step in which nothing at all was measured was not scraped; where only this service is silent, its own arrays say so. */
function countsOf(
  service: string,
  requests: Float64Array | undefined,
  success: Float64Array | undefined,
  valid: Uint8Array,
): ServiceCounts {
  const ratio = success ?? new Float64Array(valid.length).fill(Number.NaN);
  const n = requests ?? ratio.map((x) => (Number.isNaN(x) ? Number.NaN : ASSUMED_REQUESTS));
  return {
    service,
    reporter: "destination",
    requests: n,
    failures: n.map((m, i) => Math.max(1 - ratio[i]!, 0) * m),
    latency: null,
    connections: null,
    valid,
    flags: {},
  };
}
