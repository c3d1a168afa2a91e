import type { Window } from "../../model/units.ts";
import type { Signal } from "../../model/verdict.ts";
import { medianOf } from "../../stats/quantile.ts";
import { sortFloats } from "../../stats/sort-floats.ts";
import { type Slab, slab } from "../input/arena.ts";
import { FEWEST_PLACEBOS } from "../input/constants.ts";
import type { ComponentNull, Nulls, Positions, SignalNull } from "../input/nulls.ts";
import { COMPONENTS, type Component, reachOf, type Shape } from "../input/shape.ts";
import type { Span } from "../input/windows.ts";
import { componentNull, LEAST_SPREAD } from "./component-null.ts";
import type { Placebos } from "./placebos.ts";
import { between, runningSum } from "./sums.ts";

export const poolKey = (signal: Signal, component: Component): string => `${signal} ${component}`;

/** Placebo scores of windows of one shape, and where they are. */
export interface PlacedScores {
  readonly placebos: readonly Placebos[];
  readonly shape: Shape;
  /** Steps of the pretended injections, ascending, counted from `startMs`. */
  readonly steps: Int32Array;
  readonly startMs: number;
  readonly stepMs: number;
}

/** Which of the steps have windows that touch none of `excluded`. */
function freeOf({ steps, shape, startMs, stepMs }: PlacedScores, excluded: readonly Window[]): readonly boolean[] {
  const reach = reachOf(shape);
  const last = (steps.at(-1) ?? 0) + reach;
  const bad = new Uint8Array(last);
  for (const w of excluded) {
    const from = Math.max(Math.floor((w.fromMs - startMs) / stepMs), 0);
    const to = Math.min(Math.ceil((w.toMs - startMs) / stepMs), last);
    if (to > from) bad.fill(1, from, to);
  }
  const blocked = runningSum(bad);
  return Array.from(steps, (t0) => between(blocked, Math.max(t0 - shape.before, 0), t0 + reach) === 0);
}

/** Which of the steps are free, and those alone. */
interface Free {
  readonly free: readonly boolean[];
  readonly freeSteps: Int32Array;
}

/** The null of one signal from its placebos at free steps; null when they are too few. */
function signalNull(
  placebos: Placebos,
  { steps, shape, stepMs }: PlacedScores,
  { free, freeSteps }: Free,
  memory: Slab,
): SignalNull | null {
  const { key, signal, longRuns, nu, scores } = placebos;
  const usable = (i: number): boolean => free[i]! && !Number.isNaN(scores.shift[i]!);
  const whole = !scores.shift.subarray(0, steps.length).some(Number.isNaN);
  const range = whole ? rangeOf(free) : null;
  const used = whole ? freeSteps : steps.filter((_, i) => usable(i));
  if (used.length < FEWEST_PLACEBOS) return null;
  const positions: Positions = { steps: used, early: shape.early, stepMs };
  const components: Partial<Record<Component, ComponentNull>> = {};
  for (const component of COMPONENTS) {
    if (component === "late" && shape.late === 0) continue;
    const all = scores[component].subarray(0, steps.length);
    const kept = range === null ? keep(all, usable, memory.take(used.length)) : all.subarray(range.from, range.to);
    components[component] = componentNull(kept, positions, LEAST_SPREAD[signal === "rate" ? "rate" : "share"], memory);
  }
  return { key, signal, longRuns, nu, positions, components };
}

/** The free ones, when they lie next to each other. */
function rangeOf(free: readonly boolean[]): Span | null {
  const from = free.indexOf(true);
  const to = free.lastIndexOf(true) + 1;
  return from < 0 || free.slice(from, to).includes(false) ? null : { from, to };
}

function keep(all: Float32Array, usable: (i: number) => boolean, into: Float32Array): Float32Array {
  let next = 0;
  for (let i = 0; i < all.length; i++) if (usable(i)) into[next++] = all[i]!;
  return into;
}

/** All services' studentised placebos, by signal and component. */
function poolsOf(nulls: Iterable<SignalNull>, memory: Slab): Map<string, Float32Array> {
  const parts = new Map<string, Float32Array[]>();
  for (const one of nulls) {
    for (const component of COMPONENTS) {
      const part = one.components[component];
      if (part === undefined) continue;
      const key = poolKey(one.signal, component);
      const known = parts.get(key) ?? [];
      parts.set(key, known);
      known.push(part.sorted);
    }
  }
  return new Map(
    [...parts].map(([key, arrays]) => {
      const all = memory.take(arrays.reduce((n, a) => n + a.length, 0));
      let at = 0;
      for (const a of arrays) {
        all.set(a, at);
        at += a.length;
      }
      return [key, sortFloats(all)];
    }),
  );
}

/**
 * Nulls from placebos.
 * @param excluded times of our own injections until they were over, and of the window that is to be
 * judged
 * @param memory where their arrays lie
 */
export function nullsFrom(placed: PlacedScores, excluded: readonly Window[], memory: Slab = slab()): Nulls {
  const { placebos, steps, shape, startMs, stepMs } = placed;
  const free = freeOf(placed, excluded);
  const freeSteps = steps.filter((_, i) => free[i]);
  const bySignal = new Map<string, SignalNull>();
  for (const one of placebos) {
    const made = signalNull(one, placed, { free, freeSteps }, memory);
    if (made !== null) bySignal.set(made.key, made);
  }
  const rhos = [...bySignal.values()].flatMap((s) => (s.signal === "failures" ? s.longRuns.map((l) => l.rho) : []));
  const typicalRho = rhos.length === 0 ? 0 : medianOf(rhos);
  return { shape, stepMs, startMs, typicalRho, bySignal, pools: poolsOf(bySignal.values(), memory) };
}
