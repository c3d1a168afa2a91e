import { quantileSorted } from "simple-statistics";
import { Z_ONE_SIDED } from "../../stats/normal.ts";
import { fitParetoTail, paretoUpperQuantile, paretoUpperTail } from "../../stats/pareto-tail.ts";
import { type Slab, slab } from "../input/arena.ts";
import type { ComponentNull, Positions } from "../input/nulls.ts";

/**
 * Spread of a null below which a series would be believed too calm. A share's score is a normal
 * deviate, so no null is narrower than a normal one: with the 0.3 of judge.md §2.5 item 3 a service
 * that nearly never fails made a few failures look like fifteen spreads, and the pool then asked as
 * much of all others. A rate's score is held down by its swings, so there it is the 0.3.
 */
export const LEAST_SPREAD = { share: Z_ONE_SIDED, rate: 0.3 } as const;
/** Excesses from which a tail is fitted: judge.md §2.5 item 2. */
const FEWEST_EXCESSES = 30;
/**
 * Trailing time that tells whether a series is noisier now than usual (judge.md §2.5 item 4). A
 * slow series says little in a few hours: of a rate that had grown noisier, 6 hours called 2.4 % of
 * quiet moments one in a hundred, 12 hours 1.7 %, 3 hours 6 %.
 */
export const RECENT_MS = 12 * 60 * 60_000;
const FEWEST_RECENT = 20;
const TAIL_FROM = 0.95;

/** Largest index with `steps[i] ≤ limit`; −1 when there is none. */
function lastBefore(steps: Int32Array, limit: number): number {
  let [low, high] = [0, steps.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

type Level = Pick<ComponentNull, "median" | "spread" | "scores">;

/**
 * How much noisier the last hours before step `at` were than usual, at least 1: the q95 of placebos
 * that were over by then (judge.md §2.5 item 4).
 * @param room `roomForNoise` of the positions: this is asked half a million times for a week of
 * hundreds of services
 */
export function noiseAt(level: Level, positions: Positions, at: number, room: Float64Array): number {
  const end = lastBefore(positions.steps, at - positions.early) + 1;
  const start = lastBefore(positions.steps, at - positions.early - RECENT_MS / positions.stepMs) + 1;
  return noiseOf(level, start, end, room);
}

/** How many of so many placebos lie above their q95. */
const aboveQ95 = (count: number): number => Math.round((count - 1) * (1 - TAIL_FROM));

/** Numbers that are kept aside while the noise at one of the positions is looked for. */
export const roomForNoise = ({ steps }: Pick<Positions, "steps">): number => aboveQ95(Math.max(steps.length, 1)) + 1;

/**
 * The same from the placebos `[start, end)`.
 * @param room for the highest of them
 */
function noiseOf({ median, spread, scores }: Level, start: number, end: number, room: Float64Array): number {
  const count = end - start;
  if (count < FEWEST_RECENT) return 1;
  const q95 = largestButFew(scores, start, end, aboveQ95(count), room);
  return Math.max(1, (q95 - median) / spread);
}

/**
 * The value of `scores[from, to)` that `skip` others lie above; `skip` is small, so keeping the
 * largest few, in `top`, beats sorting.
 */
function largestButFew(scores: Float32Array, from: number, to: number, skip: number, top: Float64Array): number {
  top.fill(Number.NEGATIVE_INFINITY, 0, skip + 1);
  for (let i = from; i < to; i++) {
    const score = scores[i]!;
    if (score <= top[skip]!) continue;
    let at = skip;
    for (; at > 0 && top[at - 1]! < score; at--) top[at] = top[at - 1]!;
    top[at] = score;
  }
  return top[skip]!;
}

/**
 * Noise changes slowly: looking again every quarter of an hour is enough, and makes a week of a
 * service cheap.
 */
const REFRESH_MS = 15 * 60_000;

/**
 * The null of one component from its placebo scores, in order of time (judge.md §2.5 items 2–4);
 * its arrays lie in `memory`.
 */
export function componentNull(
  scores: Float32Array,
  positions: Positions,
  leastSpread: number,
  memory: Slab = slab(),
): ComponentNull {
  const sorted = memory.take(scores.length);
  sorted.set(scores);
  const ordered = sorted.sort();
  const quantile = (q: number): number => quantileSorted(ordered as unknown as number[], q);
  const median = quantile(0.5);
  const level: Level = { median, spread: Math.max(quantile(TAIL_FROM) - median, leastSpread), scores };
  const { steps, early, stepMs } = positions;
  const recent = RECENT_MS / stepMs;
  let current = 1;
  let asOf = Number.NEGATIVE_INFINITY;
  let [start, end] = [0, 0];
  const room = new Float64Array(roomForNoise(positions));
  for (let i = 0; i < scores.length; i++) {
    const at = steps[i]!;
    if ((at - asOf) * stepMs >= REFRESH_MS) {
      asOf = at;
      while (end < scores.length && steps[end]! <= at - early) end++;
      while (start < end && steps[start]! <= at - early - recent) start++;
      current = noiseOf(level, start, end, room);
    }
    sorted[i] = (scores[i]! - median) / (level.spread * current);
  }
  sorted.sort();
  return { ...level, sorted, tail: tailOf(sorted) };
}

function tailOf(sorted: Float32Array): ComponentNull["tail"] {
  const from = quantileSorted(sorted as unknown as number[], TAIL_FROM);
  let first = sorted.length;
  while (first > 0 && sorted[first - 1]! > from) first--;
  const excesses = Float64Array.from(sorted.subarray(first), (v) => v - from);
  if (excesses.length < FEWEST_EXCESSES) return null;
  return { from, share: excesses.length / sorted.length, fit: fitParetoTail(excesses) };
}

/**
 * The score in units of its null: (T − median) / (spread · noise). Ranks services; p decides
 * (judge.md §2.5 item 7).
 */
export const studentise = (nullOf: Pick<ComponentNull, "median" | "spread">, score: number, noise: number): number =>
  (score - nullOf.median) / (nullOf.spread * noise);

/** (1 + number at or above v) / (n + 1): ties count against us. */
export function rankP(sorted: ArrayLike<number>, v: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < v) low = middle + 1;
    else high = middle;
  }
  return (1 + sorted.length - low) / (sorted.length + 1);
}

/**
 * The value that must be exceeded for `rankP` ≤ p: found without looking for it; +∞ when the ranks
 * are too few.
 */
export function rankFloor(sorted: ArrayLike<number>, p: number): number {
  const below = Math.max(Math.ceil((sorted.length + 1) * (1 - p) - 1e-9), 0);
  if (below > sorted.length) return Number.POSITIVE_INFINITY;
  return below === 0 ? Number.NEGATIVE_INFINITY : sorted[below - 1]!;
}

/** Placebos beyond a score from which their own rank is believed. */
const FEWEST_BEYOND = 20;

/**
 * The p down to which a service's own ranks say enough; below it a score must be exceptional among
 * all services too (judge.md §2.5 item 5). Asking for that everywhere was seen to halve the
 * failures' rate of small p: services that fail seldom and often do not have the same null.
 */
export const ownRanksReach = ({ sorted }: ComponentNull): number => FEWEST_BEYOND / (sorted.length + 1);

/**
 * p of a studentised score against its own service: the rank, or the fitted tail beyond the 95 %
 * quantile.
 */
export function localP(nullOf: ComponentNull, v: number): number {
  const { tail } = nullOf;
  if (tail === null || v <= tail.from) return rankP(nullOf.sorted, v);
  return tail.share * paretoUpperTail(tail.fit, v - tail.from);
}

/** The score that must be exceeded for `localP` ≤ p. */
export function localFloor({ sorted, tail }: ComponentNull, p: number): number {
  if (tail === null) return rankFloor(sorted, p);
  if (p >= tail.share) return Math.min(rankFloor(sorted, p), tail.from);
  return tail.from + paretoUpperQuantile(tail.fit, p / tail.share);
}
