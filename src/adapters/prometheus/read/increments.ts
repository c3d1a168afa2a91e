import type { Grid } from "../../../core/model/series.ts";
import type { Samples } from "../client/matrix-reader.ts";

/** Where the samples of one counter go; all arrays have the grid's length. */
export interface Tracks {
  /**
   * What was scraped at or before this time is known already: it is only compared with. At least
   * the grid's start.
   */
  readonly afterMs: number;
  /** Each gets every increment. */
  readonly counts: readonly Float64Array[];
  /**
   * Scrapes that should have happened between the first and the last sample of each series, and
   * those that did.
   */
  readonly expected: Float64Array;
  readonly covered: Float64Array;
  /** Each gets what of the increments may have happened in a step before. */
  readonly vague?: readonly Float64Array[];
  /** 1 where a counter began anew. */
  readonly resets: Uint8Array;
  /** 1 where nobody can tell how much was counted. */
  readonly unknown: Uint8Array;
}

/** What is known of whoever holds a counter. */
export interface Holder {
  /** Times at which it was scraped, ascending, whichever of its counters it had then. */
  readonly scrapedMs: Float64Array;
  /** A sum over several holders: it falls when one of them goes. */
  readonly isSum: boolean;
}

/** What one counter looked like. */
export interface Walked {
  /** Increments inside the grid, the first value left out. */
  readonly total: number;
  readonly firstMs: number;
  readonly firstValue: number;
  readonly lastMs: number;
  /** Usual time between its samples. */
  readonly spacingMs: number;
}

/** A pause longer than this many usual ones is a lost scrape. */
const GAP_FACTOR = 1.5;
/**
 * A fall to more than this share of the value before, and to more than so many usual increments, is
 * nobody's new beginning.
 */
const LARGE_REMAINDER = { share: 0.5, increments: 10, requests: 50 } as const;
/** A sum that fell and rises by this share of it, and by more than usual, has somebody back. */
const BACK_SHARE = 0.5;
/**
 * Pauses on each side that say what is usual around one; a scrape interval may be changed while we
 * watch.
 */
const NEIGHBOURS = 3;
/** Fewer lost scrapes in a row are no outage: what is spread over them stays near. */
export const OUTAGE_SCRAPES = 2;

/**
 * Step whose end is the first at or after `atMs`: a sample taken exactly at a boundary tells what
 * happened before it. Negative before the grid.
 */
export const stepUntil = (grid: Grid, atMs: number): number => Math.ceil((atMs - grid.startMs) / grid.stepMs) - 1;

/**
 * Adds the increments of one counter to the steps in which they were scraped, exactly: nothing is
 * lost or counted twice between steps. A value below the one before is a new beginning and counts
 * in full, unless it is far too large for one. What happened during lost scrapes is known only in
 * sum, and is spread over them. A counter that was away while its holder was scraped did not exist:
 * it is born again, at 0, in its own step. The first value counts nothing: whether it was born here
 * is for the caller to find out. Samples that are no counter's (NaN, infinite, negative, out of
 * order) are passed over. Null when nothing is left.
 */
export function addCounter(
  samples: Samples,
  grid: Grid,
  tracks: Tracks,
  fallbackSpacingMs: number,
  holder: Holder = { scrapedMs: samples.timesMs.subarray(0, samples.n), isSum: false },
): Walked | null {
  const n = compact(samples);
  if (n === 0) return null;
  const { timesMs, values } = samples;
  const spacingMs = usualSpacing(timesMs, n) ?? fallbackSpacingMs;
  let total = 0;
  const add = (atMs: number, amount: number): number =>
    atMs > tracks.afterMs ? addTo(tracks.counts, stepUntil(grid, atMs), amount) : 0;
  let fallen = 0;
  countSlot(grid, tracks, timesMs[0]!, true);
  for (let j = 1; j < n; j++) {
    const pause = timesMs[j]! - timesMs[j - 1]!;
    const wasAway =
      pause > GAP_FACTOR * spacingMs && wasScrapedBetween(holder.scrapedMs, timesMs[j - 1]!, timesMs[j]!, spacingMs);
    const fell = values[j]! < values[j - 1]!;
    const grown = fell || wasAway ? values[j]! : values[j]! - values[j - 1]!;
    const last = stepUntil(grid, timesMs[j]!);
    if (fell && last >= 0 && last < grid.steps) tracks.resets[last] = 1;
    const isBack = holder.isSum && fallen > 0 && grown > BACK_SHARE * fallen && isLarge(grown, values, n);
    const isRemainder =
      fell && (holder.isSum || (grown > LARGE_REMAINDER.share * values[j - 1]! && isLarge(grown, values, n)));
    if (isBack || isRemainder) {
      fallen = isBack ? 0 : fallen + values[j - 1]! - values[j]!;
      markUnknown(grid, tracks, timesMs[j - 1]!, timesMs[j]!);
      countSlot(grid, tracks, timesMs[j]!, true);
      continue;
    }
    const lost = pause > GAP_FACTOR * spacingMs && !wasAway ? lostScrapes(timesMs, n, j) : 0;
    for (let k = 1; k <= lost; k++) {
      const atMs = timesMs[j - 1]! + (k * pause) / (lost + 1);
      countSlot(grid, tracks, atMs, false);
      total += add(atMs, grown / (lost + 1));
    }
    countSlot(grid, tracks, timesMs[j]!, true);
    total += add(timesMs[j]!, grown / (lost + 1));
    if (lost >= OUTAGE_SCRAPES && beganEarlier(grid, timesMs[j - 1]!, timesMs[j]!)) {
      addTo(tracks.vague ?? [], last, grown / (lost + 1));
    }
  }
  return { total, firstMs: timesMs[0]!, firstValue: values[0]!, lastMs: timesMs[n - 1]!, spacingMs };
}

/** Whether what was not scraped between these times reaches back into another step. */
export const beganEarlier = (grid: Grid, fromMs: number, toMs: number): boolean =>
  stepUntil(grid, fromMs + 1) < stepUntil(grid, toMs);

/** Adds to every array at `step` when that is inside; the amount that was added. */
export function addTo(arrays: readonly Float64Array[], step: number, amount: number): number {
  if (step < 0 || amount === 0) return 0;
  for (const array of arrays) {
    if (step >= array.length) return 0;
    array[step]! += amount;
  }
  return amount;
}

function countSlot(grid: Grid, tracks: Tracks, atMs: number, covered: boolean): void {
  const step = stepUntil(grid, atMs);
  if (atMs <= tracks.afterMs || step < 0 || step >= grid.steps) return;
  tracks.expected[step]! += 1;
  if (covered) tracks.covered[step]! += 1;
}

function markUnknown(grid: Grid, { afterMs, unknown }: Tracks, fromMs: number, toMs: number): void {
  if (toMs <= afterMs) return;
  const first = Math.max(0, stepUntil(grid, fromMs + 1));
  const last = Math.min(grid.steps - 1, stepUntil(grid, toMs));
  for (let step = first; step <= last; step++) unknown[step] = 1;
}

/** Whether the holder was scraped well after `fromMs` and well before `toMs`. */
function wasScrapedBetween(scrapedMs: Float64Array, fromMs: number, toMs: number, spacingMs: number): boolean {
  let [low, high] = [0, scrapedMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scrapedMs[middle]! > fromMs + spacingMs / 2) high = middle;
    else low = middle + 1;
  }
  return low < scrapedMs.length && scrapedMs[low]! < toMs - spacingMs / 2;
}

/** Far more than it usually grows by between two samples. */
const isLarge = (grown: number, values: Float64Array, n: number): boolean =>
  grown > LARGE_REMAINDER.increments * usualIncrement(values, n) + LARGE_REMAINDER.requests;

/** Median of what it grew by from one sample to the next; 0 when it hardly ever did. */
function usualIncrement(values: Float64Array, n: number): number {
  if (n < 2) return 0;
  const grown = new Float64Array(n - 1);
  for (let j = 1; j < n; j++) grown[j - 1] = Math.max(0, values[j]! - values[j - 1]!);
  return grown.sort()[(n - 1) >> 1]!;
}

/** Moves what is a counter's to the front, in order; how much that is. */
function compact({ timesMs, values, n }: Samples): number {
  let kept = 0;
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    if (!(value >= 0) || value === Number.POSITIVE_INFINITY) continue;
    if (kept > 0 && timesMs[i]! <= timesMs[kept - 1]!) continue;
    timesMs[kept] = timesMs[i]!;
    values[kept] = value;
    kept++;
  }
  return kept;
}

/** Median pause, or null with fewer than three samples. */
function usualSpacing(timesMs: Float64Array, n: number): number | null {
  if (n < 3) return null;
  const first = timesMs[1]! - timesMs[0]!;
  let even = true;
  for (let j = 2; j < n && even; j++) even = Math.abs(timesMs[j]! - timesMs[j - 1]! - first) <= 0.05 * first;
  return even ? (timesMs[n - 1]! - timesMs[0]!) / (n - 1) : medianPause(timesMs, 1, n - 1);
}

function medianPause(timesMs: Float64Array, from: number, to: number): number {
  const pauses = new Float64Array(to - from + 1);
  for (let j = from; j <= to; j++) pauses[j - from] = timesMs[j]! - timesMs[j - 1]!;
  pauses.sort();
  return pauses[(pauses.length - 1) >> 1]!;
}

/** Scrapes missing between samples j−1 and j, measured by what is usual around them. */
function lostScrapes(timesMs: Float64Array, n: number, j: number): number {
  const around = medianPause(timesMs, Math.max(1, j - NEIGHBOURS), Math.min(n - 1, j + NEIGHBOURS));
  const pause = timesMs[j]! - timesMs[j - 1]!;
  return pause > GAP_FACTOR * around ? Math.round(pause / around) - 1 : 0;
}
