import type { Observation } from "../../model/series.ts";
import type { Window } from "../../model/units.ts";
import type { Signal } from "../../model/verdict.ts";
import { medianOf } from "../../stats/quantile.ts";
import { FEWEST_PLACEBOS, KNOWN_AFTER_MS, MOST_PLACEBOS } from "../constants.ts";
import type { Known } from "../known.ts";
import { knownSteps } from "../masked.ts";
import type { LongRun } from "../share-deviate.ts";
import { knownBy, type RateTrack, type ShareTrack, type Track, tracksOf } from "../track.ts";
import { type ComponentNull, componentNull, type Positions } from "./component-null.ts";
import { rateScorer, seasonalChange, swingOfRate } from "./rate-scores.ts";
import { COMPONENTS, type Component, reachOf, type Scores, type Shape } from "./shape.ts";
import { longRunOf, shareScorer } from "./share-scores.ts";
import { between, runningCount, runningSum } from "./sums.ts";

/** What is known of one signal of one service from its history. */
export interface SignalNull extends Known {
  readonly key: string;
  readonly signal: Signal;
  readonly historyMs: number;
  readonly positions: Positions;
  readonly components: Readonly<Partial<Record<Component, ComponentNull>>>;
}

/** Everything that a judgement with history needs, for one shape of windows. */
export interface Nulls {
  readonly shape: Shape;
  readonly stepMs: number;
  /** End of the history, ms since the epoch: step `i` of the history starts at `startMs + i·stepMs`. */
  readonly startMs: number;
  /** Median intra-step correlation of failures over the services: how much a service swings that never failed. */
  readonly typicalRho: number;
  readonly bySignal: ReadonlyMap<string, SignalNull>;
  /** Studentised placebo scores of all services, by signal and component, ascending. */
  readonly pools: ReadonlyMap<string, Float32Array>;
}

export const poolKey = (signal: Signal, component: Component): string => `${signal} ${component}`;

/** Shares of the steps before and after that must be known: judge.md §2.1. */
const KNOWN_BEFORE = 2 / 3;
const KNOWN_AFTER = 4 / 5;

/**
 * Steps at which an injection can be pretended in one track: enough known steps, and free of `bad`. Natural incidents stay in: they are part
 * of how often this looks bad by itself.
 */
function positionsOf(track: Track, shape: Shape, bad: Uint8Array, stride: number): number[] {
  const known = runningCount(knownBy(track));
  const blocked = runningSum(bad);
  const reach = reachOf(shape);
  const out: number[] = [];
  for (let t0 = shape.before; t0 + reach <= bad.length; t0 += stride) {
    if (between(blocked, t0 - shape.before, t0 + reach) > 0) continue;
    if (between(known, t0 - shape.before, t0) < KNOWN_BEFORE * shape.before) continue;
    if (between(known, t0, t0 + reach) < KNOWN_AFTER * reach) continue;
    out.push(t0);
  }
  return out;
}

/** Steps that touch one of `windows`. */
function blockedSteps(history: Observation, windows: readonly Window[]): Uint8Array {
  const { startMs, stepMs, steps } = history.grid;
  const out = new Uint8Array(steps);
  for (const w of windows) {
    const from = Math.max(Math.floor((w.fromMs - startMs) / stepMs), 0);
    const to = Math.min(Math.ceil((w.toMs - startMs) / stepMs), steps);
    if (to > from) out.fill(1, from, to);
  }
  return out;
}

const strongest = (rows: readonly Scores[]): Scores => ({
  scan: Math.max(...rows.map((s) => s.scan)),
  shift: Math.max(...rows.map((s) => s.shift)),
  late: Math.max(...rows.map((s) => s.late)),
});

/** Scores of a share over all its rows: the worst bound counts, and the placebos absorb that it was picked (judge.md §2.3). */
export function shareScores(track: ShareTrack, longRuns: readonly LongRun[], shape: Shape): (t0: number) => Scores {
  const scorers = track.rows.map((row, i) => shareScorer(row, longRuns[i]!, shape));
  return scorers.length === 1 ? scorers[0]! : (t0) => strongest(scorers.map((score) => score(t0)));
}

function signalNull(track: ShareTrack | RateTrack, shape: Shape, bad: Uint8Array, stepMs: number): SignalNull | null {
  const all = { from: 0, to: bad.length };
  const historyMs = knownSteps(knownBy(track), all) * stepMs;
  if (historyMs < KNOWN_AFTER_MS) return null;
  const stride = Math.max(1, Math.round(bad.length / MOST_PLACEBOS));
  const steps = positionsOf(track, shape, bad, stride);
  if (steps.length < FEWEST_PLACEBOS) return null;
  const positions: Positions = { steps: Int32Array.from(steps), early: shape.early, stepMs };
  const longRuns = track.form === "share" ? track.rows.map(longRunOf) : [];
  const nu = track.form === "rate" ? swingOfRate(track.n) : 0;
  const score =
    track.form === "share"
      ? shareScores(track, longRuns, shape)
      : rateScorer(track.n, nu, shape, (t0, n0) => seasonalChange(track.n, track.valid, t0, n0, shape, stepMs));
  const scores = steps.map(score);
  const components: Partial<Record<Component, ComponentNull>> = {};
  for (const component of COMPONENTS) {
    if (component === "late" && shape.late === 0) continue;
    components[component] = componentNull(
      Float32Array.from(scores, (s) => s[component]),
      positions,
    );
  }
  return { key: track.key, signal: track.signal, historyMs, longRuns, nu, positions, components };
}

/** All services' studentised placebos, by signal and component. */
function poolsOf(nulls: Iterable<SignalNull>): Map<string, Float32Array> {
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
      const all = new Float32Array(arrays.reduce((n, a) => n + a.length, 0));
      let at = 0;
      for (const a of arrays) {
        all.set(a, at);
        at += a.length;
      }
      return [key, all.sort()];
    }),
  );
}

/**
 * The placebo-in-time nulls of every signal with a day of history or more (judge.md §2.5): what each score looks like at about a
 * thousand quiet moments. Costs seconds for hundreds of services: build off the main thread, and again when the history has grown.
 * @param excluded times of our own injections until they were over, and of the window that is to be judged
 */
export function buildNulls(history: Observation, shape: Shape, excluded: readonly Window[]): Nulls {
  const { startMs, stepMs } = history.grid;
  const bad = blockedSteps(history, excluded);
  const bySignal = new Map<string, SignalNull>();
  for (const track of tracksOf(history)) {
    if (track.form === "quantile") continue;
    const one = signalNull(track, shape, bad, stepMs);
    if (one !== null) bySignal.set(one.key, one);
  }
  const rhos = [...bySignal.values()].flatMap((s) => (s.signal === "failures" ? s.longRuns.map((l) => l.rho) : []));
  const typicalRho = rhos.length === 0 ? 0 : medianOf(rhos);
  return { shape, stepMs, startMs, typicalRho, bySignal, pools: poolsOf(bySignal.values()) };
}
