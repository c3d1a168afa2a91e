import type { Geometry } from "../../model/policy.ts";
import { type Observation, type ServiceCounts, stepAt, stepStartMs } from "../../model/series.ts";
import { MINUTE_MS, type Window } from "../../model/units.ts";
import type { DesignCheck, Signal, SignalVerdict } from "../../model/verdict.ts";
import { quantileOf } from "../../stats/quantile.ts";
import { FEWEST_PLACEBOS, MOST_PLACEBOS } from "../constants.ts";
import { LEAST_SPREAD } from "../history/component-null.ts";
import { knownOf, scorePlacebos } from "../history/placebos.ts";
import type { Shape } from "../history/shape.ts";
import { type Track, tracksOf } from "../track.ts";
import { type DesignP, designP } from "./design-p.ts";
import { isVetoed } from "./veto.ts";

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

/** What a final look compares. */
export interface FinalLook {
  readonly verdicts: readonly SignalVerdict[];
  /** Counts of the services in `verdicts`, at least. */
  readonly history: Observation;
  readonly drawn: Drawn;
  /** When other experiments of ours disturbed the cluster. */
  readonly taken: readonly Window[];
}

/** One check for each verdict, in their order. */
export const finalLook = ({ verdicts, history, drawn, taken }: FinalLook): readonly DesignCheck[] =>
  verdicts.map((verdict) => checkOtherInstants(verdict, history, drawn, taken));

/**
 * Would this have looked as bad had nothing been done? The judge's own scores (scan and shift, in spreads of the service's history) at the instant that was
 * drawn among those at all minutes that could have been, from the history alone. Minutes whose windows touch `taken` are left out.
 * @param taken when other experiments of ours disturbed the cluster
 */
export function checkOtherInstants(
  verdict: SignalVerdict,
  history: Observation,
  drawn: Drawn,
  taken: readonly Window[],
): DesignCheck {
  const { service, signal } = verdict;
  const unknown: DesignCheck = { service, signal, p: null, candidates: 0, vetoed: false };
  const counts = history.services.find((one) => one.service === service);
  if (counts === undefined || !sawAsMuch(verdict, history, counts, drawn)) return unknown;
  const found = instantsP({ ...history, services: [counts] }, signal, drawn, taken);
  return found === null ? unknown : { ...unknown, ...found, vetoed: isVetoed(found.p, found.candidates) };
}

/** The design-based p of one signal of the only service in `history`; null when its scores there say nothing. */
function instantsP(history: Observation, signal: Signal, drawn: Drawn, taken: readonly Window[]): DesignP | null {
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
  return designP(steps.map(scoreAt), own);
}

const shapeOf = ({ stepMs, beforeMs, earlyMs }: Drawn["geometry"]): Shape => ({
  before: Math.ceil(beforeMs / stepMs),
  early: Math.round(earlyMs / stepMs),
  lateFrom: 0,
  late: 0,
});

/** The better of scan and shift at a step, each in spreads over the whole history, so that the scale knows nothing of what was drawn. */
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

/** The history may have missed what the observation counted of series that were born in a failure: then it cannot say how bad it was. */
const SEEN_SHARE = 0.8;

/** Did the history see the failures that the verdict rests on? */
function sawAsMuch(verdict: SignalVerdict, history: Observation, counts: ServiceCounts, drawn: Drawn): boolean {
  const excess = verdict.effect?.excess ?? 0;
  if ((verdict.signal !== "failures" && verdict.signal !== "connections") || excess <= 0) return true;
  const track = tracksOf({ ...history, services: [counts] }).find((one) => one.signal === verdict.signal);
  if (track?.form !== "share") return false;
  const startMs = stepStartMs(history.grid, stepAt(history.grid, drawn.t0Ms));
  const before = sums(track, history, startMs - drawn.geometry.beforeMs, startMs);
  const after = sums(track, history, startMs, drawn.observedToMs);
  return after.k - (after.n * before.k) / Math.max(before.n, 1) >= SEEN_SHARE * excess;
}

function sums(track: Extract<Track, { form: "share" }>, { grid }: Observation, fromMs: number, toMs: number) {
  let [k, n] = [0, 0];
  const row = track.rows[0]!;
  for (
    let i = Math.max(stepAt(grid, fromMs), 0);
    i < Math.min(Math.ceil((toMs - grid.startMs) / grid.stepMs), grid.steps);
    i++
  ) {
    if (Number.isNaN(row.n[i]!)) continue;
    k += row.k[i]!;
    n += row.n[i]!;
  }
  return { k, n };
}
