import type { Observation } from "../../model/series.ts";
import { HOUR_MS, type Window } from "../../model/units.ts";
import { slab } from "../input/arena.ts";
import { MOST_PLACEBOS } from "../input/constants.ts";
import type { Nulls } from "../input/nulls.ts";
import { COMPONENTS, reachOf, type Shape } from "../input/shape.ts";
import { nullsFrom } from "./nulls.ts";
import { type Placebos, scorePlacebos } from "./placebos.ts";

/**
 * What placebos rest on (long-run shares and swings) is learnt again after this much new history,
 * and new services are taken up.
 */
const LEARN_AGAIN_MS = 6 * HOUR_MS;
/** Shapes that are kept; design.md §6 rounds gaps to a few values, so that few are needed. */
const MOST_SHAPES = 2;

/**
 * Placebo scores that are kept and extended as the history grows, for whoever judges again and
 * again.
 */
export interface NullBook {
  /**
   * The nulls of windows of `shape` in `history`; they hold until the next call, which uses their
   * memory again.
   * @param excluded times of our own injections until they were over, and of the window that is to
   * be judged
   */
  nulls(history: Observation, shape: Shape, excluded: readonly Window[]): Nulls;
  /** All that is kept, to begin another book with: plain data, its scores in shared memory. */
  pages(): Pages;
}

export type Pages = ReadonlyMap<string, Page>;

/** Placebos of one shape; steps are counted from `startMs`. */
interface Page {
  readonly startMs: number;
  readonly stepMs: number;
  readonly learntToMs: number;
  readonly stride: number;
  readonly steps: Int32Array;
  readonly placebos: readonly Placebos[];
}

const endOf = ({ grid }: Observation): number => grid.startMs + grid.steps * grid.stepMs;

/** @param kept the pages of an earlier book, which is not used any more */
export function nullBook(kept: Pages = new Map()): NullBook {
  const pages = new Map(kept);
  const memory = slab();
  return {
    pages: () => pages,
    nulls(history, shape, excluded) {
      const key = JSON.stringify([shape, history.grid.stepMs]);
      const old = pages.get(key);
      const page = old === undefined || isStale(old, history) ? learnt(history, shape) : extended(old, history, shape);
      pages.delete(key);
      pages.set(key, page);
      for (const [oldest] of pages) if (pages.size > MOST_SHAPES) pages.delete(oldest);
      memory.reset();
      const later = { fromMs: endOf(history), toMs: Number.POSITIVE_INFINITY };
      return nullsFrom({ ...page, shape }, [...excluded, later], memory);
    },
  };
}

/** Also when an earlier window is judged: what came after it must not be known, nor learnt from. */
const isStale = (page: Page, { grid, ...rest }: Observation): boolean =>
  (grid.startMs - page.startMs) % page.stepMs !== 0 ||
  grid.startMs < page.startMs ||
  endOf({ grid, ...rest }) < page.learntToMs ||
  endOf({ grid, ...rest }) >= page.learntToMs + LEARN_AGAIN_MS;

/** Steps of pretended injections: from `from` on, as far as their windows end within `length`. */
function stepsFrom(from: number, length: number, stride: number, shape: Shape): Int32Array {
  const count = Math.max(Math.floor((length - reachOf(shape) - from) / stride) + 1, 0);
  return Int32Array.from({ length: count }, (_, i) => from + i * stride);
}

function learnt(history: Observation, shape: Shape): Page {
  const { startMs, stepMs, steps: length } = history.grid;
  const stride = Math.max(1, Math.round(length / MOST_PLACEBOS));
  const steps = stepsFrom(shape.before, length, stride, shape);
  const room = Math.ceil(LEARN_AGAIN_MS / (stepMs * stride)) + 1;
  const placebos = scorePlacebos(history, steps, shape, null, room);
  return { startMs, stepMs, learntToMs: endOf(history), stride, steps, placebos };
}

/** `page` without what the history has forgotten, with what it has learnt since. */
function extended(page: Page, history: Observation, shape: Shape): Page {
  const { stepMs, steps: length } = history.grid;
  const offset = Math.round((history.grid.startMs - page.startMs) / stepMs);
  const dropped = page.steps.findIndex((t0) => t0 - shape.before >= offset);
  const first = dropped < 0 ? page.steps.length : dropped;
  const next = (page.steps.at(-1) ?? shape.before - page.stride) + page.stride;
  const fresh = stepsFrom(next - offset, length, page.stride, shape);
  if (first === 0 && fresh.length === 0) return page;
  const known = new Map(page.placebos.map((one) => [one.key, one]));
  const newer = new Map(scorePlacebos(history, fresh, shape, known).map((one) => [one.key, one]));
  for (const one of page.placebos) add(one, first, page.steps.length, newer.get(one.key), fresh.length);
  const steps = Int32Array.from([...page.steps.subarray(first), ...fresh.map((t0) => t0 + offset)]);
  return { ...page, steps };
}

/**
 * Drops the first of `count` scores of a signal, and puts the newer ones behind the rest; NaN where
 * there are none.
 */
function add(old: Placebos, first: number, count: number, newer: Placebos | undefined, more: number): void {
  for (const component of COMPONENTS) {
    const scores = old.scores[component];
    scores.copyWithin(0, first, count);
    const place = scores.subarray(count - first, count - first + more);
    if (newer === undefined) place.fill(Number.NaN);
    else place.set(newer.scores[component].subarray(0, more));
  }
}

/**
 * The placebo-in-time nulls of every signal with a day of history or more (judge.md §2.5): what
 * each score looks like at about a thousand quiet moments. Costs seconds for hundreds of services;
 * whoever judges again and again keeps a `nullBook`.
 */
export const buildNulls = (history: Observation, shape: Shape, excluded: readonly Window[]): Nulls =>
  nullBook().nulls(history, shape, excluded);
