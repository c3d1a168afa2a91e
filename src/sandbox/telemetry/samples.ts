import { hasBegun, type Measure, type SeriesGroup, valuesOf } from "./series.ts";
import { SCRAPE_MS, type ScrapeTarget } from "./target.ts";

/** Samples without their labels. */
export interface Samples {
  readonly timesMs: Float64Array;
  readonly values: Float64Array;
  readonly stale: Uint8Array | null;
}

/** Scrapes of `target` that found it up, in `[fromMs, toMs]`: time of the first, and how many. */
function liveScrapes(target: ScrapeTarget, fromMs: number, toMs: number): { firstMs: number; count: number } {
  const firstMs = target.scrapeFrom(Math.max(fromMs, target.upFromMs, target.knownFromMs));
  const lastMs = Math.min(toMs, target.lostAtMs - 1);
  return { firstMs, count: Math.max(0, Math.floor((lastMs - firstMs) / SCRAPE_MS) + 1) };
}

/** Puts a staleness marker after `live` values when the proxy was lost in time. */
function withMarker(
  target: ScrapeTarget,
  live: Samples,
  existed: boolean,
  fromMs: number,
  toMs: number,
): Samples | null {
  const lostAtMs = target.lostAtMs;
  const marked = existed && lostAtMs >= fromMs && lostAtMs <= toMs;
  if (!marked) return live.timesMs.length === 0 ? null : live;
  const stale = new Uint8Array(live.timesMs.length + 1);
  stale[live.timesMs.length] = 1;
  const append = (array: Float64Array, last: number): Float64Array => {
    const longer = new Float64Array(array.length + 1);
    longer.set(array);
    longer[array.length] = last;
    return longer;
  };
  return { timesMs: append(live.timesMs, lostAtMs), values: append(live.values, Number.NaN), stale };
}

const times = (firstMs: number, count: number): Float64Array => {
  const timesMs = new Float64Array(count);
  for (let i = 0; i < count; i++) timesMs[i] = firstMs + i * SCRAPE_MS;
  return timesMs;
};

/** A gauge that never changes while the proxy answers. */
export function constantSamples(target: ScrapeTarget, value: number, fromMs: number, toMs: number): Samples | null {
  const { firstMs, count } = liveScrapes(target, fromMs, toMs);
  const live = { timesMs: times(firstMs, count), values: new Float64Array(count).fill(value), stale: null };
  return withMarker(target, live, true, fromMs, toMs);
}

/** `up`: 1 while it answers, 0 while it is asked in vain. */
export function upSamples(target: ScrapeTarget, fromMs: number, toMs: number): Samples | null {
  const goneMs = target.scrapeFrom(target.knownToMs);
  const firstMs = target.scrapeFrom(Math.max(fromMs, target.knownFromMs));
  const count = Math.max(0, Math.floor((Math.min(toMs, goneMs) - firstMs) / SCRAPE_MS) + 1);
  if (count === 0) return null;
  const timesMs = times(firstMs, count);
  const values = timesMs.map((atMs) => (atMs >= target.upFromMs && atMs < target.upToMs ? 1 : 0));
  const stale = timesMs[count - 1] === goneMs ? new Uint8Array(count) : null;
  if (stale !== null) stale[count - 1] = 1;
  return { timesMs, values, stale };
}

/** The scrapes of a window that show a label set, which all its counters share. */
export interface GroupScrapes {
  readonly timesMs: Float64Array;
  /** It was there before the proxy was lost. */
  readonly existed: boolean;
}

export function scrapesOf(group: SeriesGroup, fromMs: number, toMs: number): GroupScrapes {
  const { target } = group;
  const { firstMs, count } = liveScrapes(target, fromMs, toMs);
  for (const { regime } of group.pieces) if (regime.fromMs <= toMs) regime.fill(toMs);
  const born = bornAt(group, firstMs, count);
  const existed = born < count || (count === 0 && hasBegun(group, target.lostAtMs - SCRAPE_MS));
  return { timesMs: times(firstMs + born * SCRAPE_MS, count - born), existed };
}

/** One counter of a label set. */
export function groupSamples(
  group: SeriesGroup,
  scrapes: GroupScrapes,
  measure: Measure,
  fromMs: number,
  toMs: number,
): Samples | null {
  const live = { timesMs: scrapes.timesMs, values: valuesOf(group, measure, scrapes.timesMs), stale: null };
  return withMarker(group.target, live, scrapes.existed, fromMs, toMs);
}

/** Index of the first scrape that shows the label set; `count` when none does. */
function bornAt(group: SeriesGroup, firstMs: number, count: number): number {
  if (count === 0 || hasBegun(group, firstMs)) return 0;
  if (!hasBegun(group, firstMs + (count - 1) * SCRAPE_MS)) return count;
  let low = 1;
  for (let high = count - 1; low < high; ) {
    const middle = (low + high) >> 1;
    if (hasBegun(group, firstMs + middle * SCRAPE_MS)) high = middle;
    else low = middle + 1;
  }
  return low;
}
