import type { Geometry } from "../../model/policy.ts";
import { type Observation, stepAt } from "../../model/series.ts";
import { MINUTE_MS, type Window } from "../../model/units.ts";
import type { Signal } from "../../model/verdict.ts";
import { quantileOf } from "../../stats/quantile.ts";
import { LEAST_SPREAD } from "../history/component-null.ts";
import { knownOf, scorePlacebos } from "../history/placebos.ts";
import { FEWEST_PLACEBOS, MOST_PLACEBOS } from "../input/constants.ts";
import type { Shape } from "../input/shape.ts";
import { tracksOf } from "../input/track.ts";

/** An instant that was drawn, and those that could have been. */
export interface Drawn {
  readonly slotMs: number;
  /** When it was really done; the others are pretended as late after their minute. */
  readonly t0Ms: number;
  readonly candidates: { readonly fromMs: number; readonly toMs: number };
  readonly geometry: Pick<Geometry, "stepMs" | "beforeMs" | "earlyMs">;
  /** End of the observation, to compare what it and the history counted. */
  readonly observedToMs: number;
}

/**
 * The statistic at every candidate, and which of them was drawn; NaN where it is not known, which
 * is no candidate.
 */
export interface InstantScores {
  readonly scores: Float64Array;
  readonly drawn: number;
}

/**
 * The judge's own scores of one signal of the only service in `history` at all minutes that could
 * have been drawn, from the history alone. Minutes whose windows touch `taken` are left out. Null
 * when the history's scores say nothing.
 * @param taken when other experiments of ours disturbed the cluster
 */
export function instantScores(
  history: Observation,
  signal: Signal,
  drawn: Drawn,
  taken: readonly Window[],
): InstantScores | null {
  const { grid } = history;
  const shape = shapeOf(drawn.geometry);
  const delayMs = drawn.t0Ms - drawn.slotMs;
  const minutes = Math.round((drawn.candidates.toMs - drawn.candidates.fromMs) / MINUTE_MS);
  const instants = Array.from({ length: minutes }, (_, i) => drawn.candidates.fromMs + i * MINUTE_MS + delayMs);
  const free = (atMs: number): boolean => {
    const window = { fromMs: atMs - drawn.geometry.beforeMs, toMs: atMs + drawn.geometry.earlyMs };
    return !taken.some((other) => other.fromMs < window.toMs && window.fromMs < other.toMs);
  };
  const steps = instants.map((atMs) => (free(atMs) ? stepAt(grid, atMs) : -1));
  const scoreAt = scorer(history, signal, shape, steps);
  if (scoreAt === null) return null;
  const own = Math.round((drawn.slotMs - drawn.candidates.fromMs) / MINUTE_MS);
  return { scores: Float64Array.from(steps, scoreAt), drawn: own };
}

const shapeOf = ({ stepMs, beforeMs, earlyMs }: Drawn["geometry"]): Shape => ({
  before: Math.ceil(beforeMs / stepMs),
  early: Math.round(earlyMs / stepMs),
  lateFrom: 0,
  late: 0,
});

/**
 * The better of scan and shift at a step, each in spreads over the whole history, so that the scale
 * knows nothing of what was drawn.
 */
function scorer(
  history: Observation,
  signal: Signal,
  shape: Shape,
  wanted: readonly number[],
): ((step: number) => number) | null {
  // What is not known is not scored: this runs beside everything else that the worker does.
  const tracks = tracksOf(history)
    .filter((track) => track.form !== "quantile")
    .filter((track) => track.signal === signal);
  const known = new Map(tracks.map((track) => [track.key, knownOf(track, (length) => new Float64Array(length))]));
  const inside = (step: number): boolean => step >= shape.before && step + shape.early <= history.grid.steps;
  const steps = Int32Array.from(new Set([...wanted.filter(inside), ...strided(history, shape)])).sort();
  const scored = scorePlacebos(history, steps, shape, known).find((one) => one.signal === signal);
  if (scored === undefined) return null;
  const least = LEAST_SPREAD[signal === "rate" ? "rate" : "share"];
  const [scan, shift] = [inSpreads(scored.scores.scan, least), inSpreads(scored.scores.shift, least)];
  if (scan === null || shift === null) return null;
  const bySteps = new Map(Array.from(steps, (step, i) => [step, Math.max(scan[i]!, shift[i]!)]));
  return (step) => bySteps.get(step) ?? Number.NaN;
}

function strided({ grid }: Observation, shape: Shape): number[] {
  const stride = Math.max(1, Math.round(grid.steps / MOST_PLACEBOS));
  const count = Math.max(Math.floor((grid.steps - shape.early - shape.before) / stride) + 1, 0);
  return Array.from({ length: count }, (_, i) => shape.before + i * stride);
}

function inSpreads(scores: Float32Array, least: number): Float64Array | null {
  const all = Float64Array.from(scores).filter((score) => !Number.isNaN(score));
  if (all.length < FEWEST_PLACEBOS) return null;
  const median = quantileOf(all, 0.5);
  const spread = Math.max(quantileOf(all, 0.95) - median, least);
  return Float64Array.from(scores, (score) => (score - median) / spread);
}
