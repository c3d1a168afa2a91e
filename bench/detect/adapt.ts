import type { QuantileSeries } from "../../src/core/judge/judge.ts";
import type { ServiceCounts } from "../../src/core/model/series.ts";
import type { Signal } from "../../src/core/model/verdict.ts";
import { meanSteps, sumSteps } from "./coarsen.ts";
import type { RawSeries } from "./format.ts";
import { isMean, type Kind, kindOf, labelOf, ownerOf, quantileOf } from "./signals.ts";

/** Requests a step that are assumed where a success rate comes without any count. */
export const ASSUMED_REQUESTS = 100;

export interface Adapted {
  readonly services: readonly ServiceCounts[];
  readonly quantiles: readonly QuantileSeries[];
  /**
   * Why a signal of a service cannot be judged whatever its values: nothing of it was recorded.
   * Null when something was.
   */
  whyNotRecorded(service: string, signal: Signal): string | null;
  /** Services whose success rate came without a count. */
  readonly assumed: number;
}

/** Puts one series on the grid of samples. */
type Place = (s: RawSeries) => Float64Array;

/**
 * Turns ratio-and-quantile telemetry into what the judge reads: success rate × requests become
 * counts, quantiles stay quantiles. A mean latency is used for services of which no quantile was
 * recorded, what callers counted for those that did not count themselves.
 * @param factor samples that make a step
 */
export function adapt(series: readonly RawSeries[], steps: number, factor: number, place: Place): Adapted {
  const of = Map.groupBy(series, (s) => kindOf(s));
  const counted = countedBy(of, place);
  const requests = new Map([...counted].map(([service, { n }]) => [service, n === null ? null : sumSteps(n, factor)]));
  const success = new Map(
    [...counted].map(([service, { n, ratio }]) => [service, ratio === null ? null : meanSteps(ratio, factor, n)]),
  );
  const latencies = of.get("quantile") ?? [];
  const better = new Set(latencies.filter((s) => !isMean(s)).map(ownerOf));
  const quantiles = latencies
    .filter((s) => !(isMean(s) && better.has(ownerOf(s))))
    .map((s) => quantileSeries(s, meanSteps(place(s), factor, counted.get(ownerOf(s))?.n ?? null), requests))
    .sort(byContent);
  const measured = [...requests.values(), ...success.values(), ...quantiles.map((q) => q.values)].filter(
    (v) => v !== null,
  );
  const valid = Uint8Array.from({ length: steps }, (_, i) => (measured.some((v) => !Number.isNaN(v[i])) ? 1 : 0));
  const names = [...new Set([...counted.keys(), ...quantiles.map((q) => q.service)])].sort();
  const services = names.map((name) => countsOf(name, requests.get(name) ?? null, success.get(name) ?? null, valid));
  const timed = new Set(quantiles.map((q) => q.service));
  return {
    services,
    quantiles,
    assumed: [...success].filter(([service, ratio]) => ratio !== null && requests.get(service) === null).length,
    whyNotRecorded(service, signal) {
      if (signal === "latency") return timed.has(service) ? null : "No latency of it was recorded.";
      if (signal === "failures")
        return (success.get(service) ?? null) === null ? "No success_rate of it was recorded." : null;
      return (requests.get(service) ?? null) === null ? "No requests of it were recorded." : null;
    },
  };
}

/** Requests and success rate of one service on the grid of samples. */
interface Counted {
  n: Float64Array | null;
  ratio: Float64Array | null;
}

function countedBy(of: ReadonlyMap<Kind | null, readonly RawSeries[]>, place: Place): Map<string, Counted> {
  const counted = new Map<string, Counted>();
  const at = (service: string): Counted => {
    const one = counted.get(service) ?? { n: null, ratio: null };
    counted.set(service, one);
    return one;
  };
  for (const s of of.get("requests") ?? []) at(s.service).n = place(s);
  for (const s of of.get("success") ?? []) at(s.service).ratio = place(s);
  const callerOf = (s: RawSeries): string => JSON.stringify(s.edge);
  const success = new Map((of.get("edge-success") ?? []).map((s) => [callerOf(s), s]));
  for (const [service, edges] of Map.groupBy(of.get("edge-requests") ?? [], ownerOf)) {
    const one = at(service);
    const placed = edges.map((s) => ({ n: place(s), ratio: success.get(callerOf(s)) }));
    const told = placed.flatMap(({ n, ratio }) => (ratio === undefined ? [] : [{ n, ratio: place(ratio) }]));
    one.ratio ??= told.length === 0 ? null : meanOfEdges(told);
    one.n ??= sumOfEdges(placed.map(({ n }) => n));
  }
  return counted;
}

/** Sum over the callers that are known in a step. */
const sumOfEdges = (edges: readonly Float64Array[]): Float64Array =>
  edges[0]!.map((_, i) => {
    const known = edges.map((n) => n[i]!).filter((x) => !Number.isNaN(x));
    return known.length === 0 ? Number.NaN : known.reduce((a, b) => a + b, 0);
  });

/** Mean over the callers that are known in a step, by their requests. */
const meanOfEdges = (edges: readonly { n: Float64Array; ratio: Float64Array }[]): Float64Array =>
  edges[0]!.n.map((_, i) => {
    let [sum, weight] = [0, 0];
    for (const { n, ratio } of edges) {
      if (!(n[i]! > 0) || Number.isNaN(ratio[i])) continue;
      sum += n[i]! * ratio[i]!;
      weight += n[i]!;
    }
    return weight > 0 ? sum / weight : Number.NaN;
  });

/**
 * By what they hold: neither the order in a file nor a name may decide which of several equal ones
 * is told.
 */
function byContent(a: QuantileSeries, b: QuantileSeries): number {
  const total = ({ values }: QuantileSeries): number => values.reduce((sum, x) => (Number.isNaN(x) ? sum : sum + x), 0);
  return a.quantile - b.quantile || total(a) - total(b);
}

function quantileSeries(
  s: RawSeries,
  values: Float64Array,
  requests: ReadonlyMap<string, Float64Array | null>,
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

/**
 * A step in which nothing at all was measured was not scraped; where only this service is silent,
 * its own arrays say so.
 */
function countsOf(
  service: string,
  requests: Float64Array | null,
  success: Float64Array | null,
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
