import type { NativeSample } from "../../test/support/native-histograms.ts";
import { BEFORE_MS, SCRAPE_MS, type Series, T0_MS } from "./world.ts";

export type Labels = Readonly<Record<string, string>>;
const REPLACED = ["web-0", "cart-0"];
const SCRAPED = ["job", "instance", "pod", "namespace"];

export const relabelled = (series: readonly Series[], change: (labels: Labels) => Labels): readonly Series[] =>
  series.map((one) => ({ ...one, labels: change(one.labels) }));
export const without = (labels: Labels, names: readonly string[]): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
export const isUp = ({ labels }: Series): boolean => labels.__name__ === "up";

/**
 * The same series scraped again a little later, with other labels: what was counted in between
 * shows.
 */
export const copied = (series: readonly Series[], change: (labels: Labels) => Labels): readonly Series[] =>
  relabelled(series, change).map((one) => ({ ...one, timesMs: one.timesMs.map((atMs) => atMs + 1_234) }));

/** Samples for which `keep` holds. */
export const kept = (one: Series, keep: (atMs: number, i: number) => boolean): Series => {
  const at = one.timesMs.map((_, i) => i).filter((i) => keep(one.timesMs[i]!, i));
  return { ...one, timesMs: at.map((i) => one.timesMs[i]!), values: at.map((i) => one.values[i]!) };
};

/**
 * Counters of all pods added up at whole scrapes from T0 on and before it, as a recording rule and
 * a federation do.
 */
export function summed(series: readonly Series[], more: Labels): readonly Series[] {
  const sums = new Map<string, { labels: Labels; byTime: Map<number, number> }>();
  for (const one of series.filter((each) => !isUp(each))) {
    const labels = { ...without(one.labels, SCRAPED), ...more };
    const key = JSON.stringify(labels);
    const sum = sums.get(key) ?? { labels, byTime: new Map() };
    sums.set(key, sum);
    one.timesMs.forEach((atMs, i) => {
      const at = T0_MS + Math.ceil((atMs - T0_MS) / SCRAPE_MS) * SCRAPE_MS;
      sum.byTime.set(at, (sum.byTime.get(at) ?? 0) + one.values[i]!);
    });
  }
  return [...sums.values()].map(({ labels, byTime }) => {
    const at = [...byTime].sort(([a], [b]) => a - b);
    return { labels, timesMs: at.map(([atMs]) => atMs), values: at.map(([, value]) => value) };
  });
}

/** Fewer than a proxy counts between its first two scrapes after T0 in a burst. */
const rotatedFailures = ({ source_workload: caller }: Labels): number => (caller === "web" ? 24 : 7);

/** A life of three days before, so that what a pod takes with it is much. */
export const aged = (series: readonly Series[]): readonly Series[] =>
  series.map((one) =>
    isUp(one) || one.labels.response_code !== "200"
      ? one
      : { ...one, values: one.values.map((value) => value + 1_000_000) },
  );

/**
 * The first pods of web and of cart end at `atMs`, and others begin a scrape later, at 0; `change`
 * says who they are.
 */
export function replaced(
  series: readonly Series[],
  atMs: number,
  change: (labels: Labels) => Labels,
): readonly Series[] {
  return series.flatMap((one) => {
    if (!REPLACED.includes(one.labels.pod ?? "")) return [one];
    const before = kept(one, (at) => at <= atMs);
    const after = kept(one, (at) => at > atMs);
    const base = isUp(one) ? 0 : (before.values.at(-1) ?? 0);
    const fresh = { ...after, labels: change(one.labels), values: after.values.map((value) => value - base) };
    return [before, fresh].filter(({ timesMs }) => timesMs.length > 0);
  });
}

/**
 * Failures before the window, whose series was rotated away while its proxy was scraped: it comes
 * back at 0 when the next one fails.
 */
export function rotated(series: readonly Series[]): readonly Series[] {
  const isEarly = (atMs: number): boolean => Math.abs(atMs - (T0_MS - BEFORE_MS - 70_000)) < 40_000;
  const succeeded = series.filter(
    ({ labels: { __name__: name, response_code: code, destination_service_name: to, reporter } }) =>
      name === "istio_requests_total" && reporter === "source" && to === "cart" && code === "200",
  );
  const failedOf = (labels: Labels): Labels => ({ ...labels, response_code: "503", response_flags: "UF" });
  const early = new Map(
    succeeded.map((one) => [JSON.stringify(failedOf(one.labels)), one.timesMs.filter(isEarly)] as const),
  );
  const known = series.map((one) => {
    const times = early.get(JSON.stringify(one.labels));
    if (times === undefined) return one;
    early.delete(JSON.stringify(one.labels));
    return {
      ...one,
      timesMs: [...times, ...one.timesMs],
      values: [...times.map(() => rotatedFailures(one.labels)), ...one.values],
    };
  });
  const gone = [...early].map(([labels, timesMs]) => ({
    labels: JSON.parse(labels) as Labels,
    timesMs,
    values: timesMs.map(() => rotatedFailures(JSON.parse(labels) as Labels)),
  }));
  return [...known, ...gone];
}

/** All web proxies begin anew in their pods three minutes after T0. */
export function restarted(series: readonly Series[]): readonly Series[] {
  const atMs = T0_MS + 180_000;
  return series.map((one) => {
    if (isUp(one) || !one.labels.pod?.startsWith("web-")) return one;
    const base = one.values[one.timesMs.findLastIndex((at) => at <= atMs)] ?? 0;
    return { ...one, values: one.values.map((value, i) => (one.timesMs[i]! > atMs ? value - base : value)) };
  });
}

/** What `from`'s own proxies say of requests to cart is not scraped. */
export const unscraped = (series: readonly Series[], from: string): readonly Series[] =>
  series.filter(
    ({ labels }) =>
      labels.reporter !== "source" || labels.destination_service_name !== "cart" || labels.source_workload !== from,
  );

/**
 * What a waypoint in the way says of the same requests: as the callers' proxies, attempts that were
 * retried included.
 */
export const waypointOf = (series: readonly Series[]): readonly Series[] =>
  summed(
    series.filter(
      ({ labels }) =>
        labels.destination_service_name === "cart" &&
        (labels.reporter === "source" || (labels.reporter === "destination" && labels.response_code === "503")),
    ),
    { reporter: "waypoint", job: "kubernetes-pods", instance: "10.0.9.9:15020", namespace: "shop", pod: "waypoint-0" },
  );

/** Series that became equal are one: their values add up, as far as they were scraped together. */
export function merged(series: readonly Series[]): readonly Series[] {
  const groups = Map.groupBy(series, ({ labels }) => JSON.stringify(labels));
  return [...groups.values()].map((group) => {
    if (group.length === 1) return group[0]!;
    const byTime = new Map<number, number>();
    for (const { timesMs, values } of group) {
      for (const [i, at] of timesMs.entries()) byTime.set(at, (byTime.get(at) ?? 0) + values[i]!);
    }
    const at = [...byTime].sort(([a], [b]) => a - b);
    return { labels: group[0]!.labels, timesMs: at.map(([time]) => time), values: at.map(([, value]) => value) };
  });
}

/**
 * Classic buckets as native histograms with eight buckets to each power of two, as Prometheus keeps
 * them: each of Istio's own becomes one of these, inside it.
 */
export function nativeOf(series: readonly Series[]): readonly Series[] {
  const buckets = series.filter(isBucket);
  const groups = Map.groupBy(buckets, ({ labels }) => JSON.stringify(without(labels, ["le"])));
  return [...groups.values()].map((group): Series => {
    const sorted = group.toSorted((a, b) => boundOf(a) - boundOf(b));
    const { __name__: name = "", ...labels } = without(sorted[0]!.labels, ["le"]);
    const histograms = sorted[0]!.timesMs.map((atMs, i): NativeSample => {
      const at = sorted.map(({ values }) => values[i]!);
      const counts = at.map((value, k) => [NATIVE_INDEX[k]!, value - (at[k - 1] ?? 0)] as const);
      const count = at.at(-1)!;
      const seen = counts.filter(([, n]) => n > 0);
      return { atMs, schema: NATIVE_SCHEMA, customBoundsMs: null, count, sum: count, buckets: seen };
    });
    return { labels: { __name__: name.replace(/_bucket$/, ""), ...labels }, timesMs: [], values: [], histograms };
  });
}

export const isBucket = ({ labels }: Series): boolean => labels.__name__?.endsWith("_bucket") === true;
const boundOf = ({ labels: { le } }: Series): number => (le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le));
const NATIVE_SCHEMA = 3;
/** Inside each bucket of Istio's, in the world's order of bounds. */
const NATIVE_INDEX = [4, 7, 20, 35, 70, 160, 500, 1400].map((tookMs) =>
  Math.ceil(Math.log2(tookMs) * 2 ** NATIVE_SCHEMA),
);

/** Requests of a gRPC service: behind each stands an HTTP 200, and a status. */
export const asGrpc = (series: readonly Series[]): readonly Series[] =>
  relabelled(series, (of) => {
    if (of.request_protocol !== "http" || of.response_code === undefined) return of;
    const status = of.response_code === "200" ? "0" : "14";
    return { ...of, request_protocol: "grpc", response_code: "200", grpc_response_status: status };
  });

/** From T0 on the callers that the last pod of web serves go away before each answer. */
export function wentAway(series: readonly Series[], labels: Labels): readonly Series[] {
  return series.flatMap((one): Series[] => {
    const { pod, reporter, destination_service_name: to, response_code: code } = one.labels;
    if (pod !== "web-2" || reporter !== "source" || to !== "cart" || code !== "200") return [one];
    const [before, after] = [kept(one, (at) => at <= T0_MS), kept(one, (at) => at > T0_MS)];
    const base = before.values.at(-1) ?? 0;
    return [before, { ...after, labels: { ...one.labels, ...labels }, values: after.values.map((n) => n - base) }];
  });
}
