import type { RawBook, RawSeries } from "./raw-book.ts";
import { withEveryWay } from "./replicas.ts";
import { isSummed, type Scrape } from "./scrapes.ts";

/**
 * One proxy (or the sums that stand for one caller of a service), and its counters in order of
 * time, each once.
 */
export interface ProxyCounters {
  readonly isSum: boolean;
  readonly series: readonly RawSeries[];
}

/** What was scraped more than once, and what is counted of it. */
export interface Copies {
  readonly proxies: readonly ProxyCounters[];
  /** Ways of scraping that are left out: all of their proxies are counted by another way. */
  readonly leftOut: readonly Scrape["way"][];
  /** Ways that are counted. */
  readonly counted: readonly Scrape["way"][];
  /** Ways that are counted in part, and whom they scrape besides. */
  readonly mixed: readonly MixedWay[];
  /** Copies are left out that no matcher can tell from what is counted. */
  readonly inseparable: boolean;
  /** One sentence for each kind of duplicate. */
  readonly says: readonly string[];
  /** Services whose counters are sums over pods. */
  readonly summed: readonly string[];
  /** Services of which nobody can tell whether sums and raw counters are copies of each other. */
  readonly unclear: ReadonlyMap<string, string>;
}

/** A way of scraping of which some targets are copies and others are not. */
export interface MixedWay {
  readonly way: Scrape["way"];
  /** `instance` of those that are left out. */
  readonly without: readonly string[];
}

/** Scrapes of one proxy that overlap by more than so many samples saw it at the same time. */
const HANDOVER_SAMPLES = 2;
/** Another way that brought less than this share of the best one's samples has a hole. */
const AS_GOOD = 0.9;
/** Sums and raw counters that grew alike, to this share, are copies. */
const ALIKE = 0.25;

/** Chooses one copy of every proxy; the same way for all of them where it can be. */
export function chooseCopies(book: RawBook): Copies {
  const all = withEveryWay(book);
  const bySeries = Map.groupBy(all, (one) => one.scrape);
  const raw = [...bySeries.keys()].filter((scrape) => !isSummed(scrape));
  const total = new Map<string, number>();
  for (const { wayId, samples } of raw) total.set(wayId, (total.get(wayId) ?? 0) + samples);
  const better = (a: Scrape, b: Scrape): number =>
    total.get(b.wayId)! - total.get(a.wayId)! || (a.wayId < b.wayId ? -1 : 1) || b.samples - a.samples;

  const proxies: ProxyCounters[] = [];
  const counted = new Set<Scrape>();
  const pairs = new Map<string, Set<string>>();
  for (const scrapes of groupByProxy(raw).values()) {
    const chosen = oneAtATime(scrapes.toSorted(better), bySeries);
    for (const scrape of chosen) counted.add(scrape);
    for (const scrape of scrapes) {
      if (!chosen.includes(scrape)) notePair(pairs, chosen[0]!, scrape);
    }
    proxies.push({ isSum: false, series: inOrder(chosen.flatMap((scrape) => bySeries.get(scrape) ?? [])) });
  }
  const sums = all.filter((one) => isSummed(one.scrape));
  const settled = settleSums(sums, proxies, counted, pairs);
  const scrapes = [...bySeries.keys()];
  const waysCounted = Map.groupBy(
    scrapes.filter((one) => counted.has(one)),
    ({ wayId }) => wayId,
  );
  const dropped = scrapes.filter((one) => !counted.has(one));
  const leftOut = new Map(dropped.filter((one) => !waysCounted.has(one.wayId)).map((one) => [one.wayId, one.way]));
  const mixed = Map.groupBy(
    dropped.filter((one) => waysCounted.has(one.wayId)),
    ({ wayId }) => wayId,
  );
  const isBoth = ([wayId, out]: readonly [string, readonly Scrape[]]): boolean =>
    out.some(({ instance }) => waysCounted.get(wayId)?.some((one) => one.instance === instance));
  return {
    proxies: [...proxies, ...settled.proxies],
    leftOut: [...leftOut.values()],
    counted: [...new Map(scrapes.filter((one) => counted.has(one)).map((one) => [one.wayId, one.way])).values()],
    mixed: [...mixed.values()].map((out) => ({
      way: out[0]!.way,
      without: [...new Set(out.map(({ instance }) => instance))],
    })),
    inseparable: settled.mixed || [...mixed].some(isBoth),
    says: [...pairs].map(([pair, names]) => sentence(pair, names)),
    summed: [...new Set(settled.proxies.flatMap(({ series }) => series.map(serviceOfSeries)))].sort(),
    unclear: settled.unclear,
  };
}

const serviceOfSeries = ({ namespace, name }: RawSeries): string => `${namespace}/${name}`;

/**
 * Scrapes of the same proxy: of one pod, or of one host by the same workload. A host that is known
 * to be a pod's is that pod.
 */
function groupByProxy(scrapes: readonly Scrape[]): Map<string, Scrape[]> {
  const podsOfHost = new Map<string, Set<string>>();
  for (const { host, pod } of scrapes) {
    if (host !== null && pod !== null) podsOfHost.set(host, (podsOfHost.get(host) ?? new Set()).add(pod));
  }
  return Map.groupBy(scrapes, ({ host, pod, owners }) => {
    if (pod !== null) return pod;
    const pods = podsOfHost.get(host ?? "");
    return pods?.size === 1 ? [...pods][0]! : `${host}\0${[...owners].join()}`;
  });
}

/**
 * The best scrape, and others that saw the proxy before or after it: an instance label that changes
 * is one proxy all the same.
 */
function oneAtATime(scrapes: readonly Scrape[], of: ReadonlyMap<Scrape, readonly RawSeries[]>): readonly Scrape[] {
  const most = Math.max(...scrapes.map(({ samples }) => samples));
  const sorted = [...scrapes.filter(({ samples }) => samples >= AS_GOOD * most), ...scrapes];
  const chosen: Scrape[] = [];
  const times = (scrape: Scrape): Float64Array => longest(of.get(scrape) ?? []);
  for (const scrape of sorted) {
    if (chosen.includes(scrape)) continue;
    const mine = times(scrape);
    const isOther = chosen.every((one) => overlap(times(one), mine) <= HANDOVER_SAMPLES);
    if (isOther) chosen.push(scrape);
  }
  return chosen;
}

function longest(series: readonly RawSeries[]): Float64Array {
  let best = new Float64Array(0) as Float64Array;
  for (const { timesMs } of series) if (timesMs.length > best.length) best = timesMs;
  return best;
}

/** Samples of `b` that lie inside the span of `a`. */
function overlap(a: Float64Array, b: Float64Array): number {
  if (a.length === 0 || b.length === 0) return 0;
  return b.filter((atMs) => atMs >= a[0]! && atMs <= a.at(-1)!).length;
}

/**
 * Counters of one proxy, those that an earlier scrape began put together with what a later one went
 * on with.
 */
function inOrder(series: readonly RawSeries[]): readonly RawSeries[] {
  const merged = new Map<string, RawSeries>();
  for (const one of series.toSorted((a, b) => a.timesMs[0]! - b.timesMs[0]!)) {
    const known = merged.get(one.key);
    if (known === undefined) {
      merged.set(one.key, one);
      continue;
    }
    const from = one.timesMs.findIndex((atMs) => atMs > known.timesMs.at(-1)!);
    if (from < 0) continue;
    const timesMs = Float64Array.from([...known.timesMs, ...one.timesMs.subarray(from)]);
    const values = Float64Array.from([...known.values, ...one.values.subarray(from)]);
    merged.set(one.key, { ...known, timesMs, values });
  }
  return [...merged.values()];
}

/**
 * Sums of a caller's counters: dropped beside raw ones that say the same; of several copies one.
 */
function settleSums(
  sums: readonly RawSeries[],
  proxies: readonly ProxyCounters[],
  counted: Set<Scrape>,
  pairs: Map<string, Set<string>>,
): Pick<Copies, "proxies" | "unclear"> & { readonly mixed: boolean } {
  const edge = ({ kind, namespace, name, reporter, caller }: RawSeries): string =>
    [kind === "requests", namespace, name, reporter, caller].join("\0");
  const rawOf = Map.groupBy(
    proxies.flatMap(({ series }) => series),
    edge,
  );
  const kept: ProxyCounters[] = [];
  const unclear = new Map<string, string>();
  const dropped = new Set<Scrape>();
  for (const [name, series] of Map.groupBy(sums, edge)) {
    const raw = rawOf.get(name);
    if (raw !== undefined) {
      notePair(pairs, raw[0]!.scrape, series[0]!.scrape);
      for (const { scrape } of series) dropped.add(scrape);
      if (!areAlike(growth(raw), growth(series))) {
        unclear.set(
          serviceOfSeries(series[0]!),
          `sums over pods (${wayName(series[0]!.scrape)}) stand beside counters of single pods (${wayName(raw[0]!.scrape)}) and do not say the same; choose one with prometheus.matchers`,
        );
      }
      continue;
    }
    const copies = [...Map.groupBy(series, (one) => one.scrape).values()].toSorted((a, b) => b.length - a.length);
    const chosen: RawSeries[][] = [];
    for (const copy of copies) {
      const twin = chosen.find((other) => sayTheSame(other, copy));
      if (twin === undefined) chosen.push(copy);
      else {
        notePair(pairs, twin[0]!.scrape, copy[0]!.scrape);
        dropped.add(copy[0]!.scrape);
      }
    }
    for (const copy of chosen) {
      counted.add(copy[0]!.scrape);
      kept.push({ isSum: true, series: copy });
    }
  }
  return { proxies: kept, mixed: kept.some(({ series }) => dropped.has(series[0]!.scrape)), unclear };
}

/** What the counters of `series` grew by, falls left out. */
function growth(series: readonly RawSeries[]): number {
  let total = 0;
  for (const { values } of series) {
    for (let i = 1; i < values.length; i++) total += Math.max(0, values[i]! - values[i - 1]!);
  }
  return total;
}

const areAlike = (a: number, b: number): boolean => Math.abs(a - b) <= ALIKE * Math.max(a, b) + 2 * Math.sqrt(a + b);

/**
 * Two sums of the same pods have the same values, but for what was counted between their scrapes.
 */
function sayTheSame(a: readonly RawSeries[], b: readonly RawSeries[]): boolean {
  const last = (series: readonly RawSeries[]): number => series.reduce((sum, { values }) => sum + values.at(-1)!, 0);
  const samples = Math.max(2, ...a.map(({ values }) => values.length));
  const perScrape = growth(a) / (samples - 1);
  return Math.abs(last(a) - last(b)) <= 2 * perScrape + 1e-9;
}

function notePair(pairs: Map<string, Set<string>>, chosen: Scrape, other: Scrape): void {
  const key = `${wayName(other)}\0${wayName(chosen)}`;
  pairs.set(key, (pairs.get(key) ?? new Set()).add(other.pod ?? other.host ?? "sums"));
}

/** `job="a", prometheus_replica="b"`, and the instance where the way says nothing. */
function wayName({ way, host }: Scrape): string {
  const said = Object.entries(way).flatMap(([name, value]) => (value === "" ? [] : [`${name}="${value}"`]));
  return said.length > 0 ? said.join(", ") : `instance ${host ?? "unknown"}`;
}

function sentence(pair: string, names: ReadonlySet<string>): string {
  const [other = "", chosen = ""] = pair.split("\0");
  const how = other === chosen ? `twice by ${chosen}` : `by ${chosen} and by ${other}`;
  return `${names.size} ${names.size === 1 ? "proxy is" : "proxies are"} scraped ${how}; the first is counted.`;
}
