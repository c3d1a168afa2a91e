import type { Observation, ServiceCounts } from "../../model/series.ts";
import type { Signal } from "../../model/verdict.ts";
import { arena, fresh, type Slab, slab, type Take } from "../input/arena.ts";
import { KNOWN_AFTER_MS } from "../input/constants.ts";
import { isCovered } from "../input/coverage.ts";
import type { Known, LongRun } from "../input/known.ts";
import { knownSteps } from "../input/masked.ts";
import { type Component, reachOf, type Scores, type Shape } from "../input/shape.ts";
import { knownBy, type RateTrack, type ShareTrack, type Track, tracksOf } from "../input/track.ts";
import { type Bystander, busyBystanders, commonChange } from "./common-change.ts";
import {
  type Expected,
  expectedRate,
  knownRequests,
  type RateSums,
  rateScoresAt,
  rateSums,
  seasonalChange,
  swingOfRate,
} from "./rate-scores.ts";
import { longRunOf, type ShareSums, shareScoresAt, shareSums } from "./share-scores.ts";
import { between, runningCount } from "./sums.ts";

/**
 * Placebo scores of one signal, at the same steps as those of all others; NaN where none could be
 * made. The arrays have room for more behind the last of the steps.
 */
export interface Placebos extends Known {
  readonly key: string;
  readonly signal: Signal;
  readonly scores: Readonly<Record<Component, Float32Array>>;
}

/** How many steps before each are known. */
const knownSums = (track: Track, take: Take): Float64Array =>
  runningCount(knownBy(track), Number.NEGATIVE_INFINITY, take);

/** Is enough known around `t0`? */
function isPretendable(known: Float64Array, t0: number, shape: Shape): boolean {
  const reach = reachOf(shape);
  return isCovered(between(known, t0 - shape.before, t0), shape.before, between(known, t0, t0 + reach), reach);
}

/** A share's rows, ready to be scored at any step. */
export const shareRows = (
  track: ShareTrack,
  longRuns: readonly LongRun[],
  shape: Shape,
  take: Take = fresh,
): readonly ShareSums[] => track.rows.map((row, i) => shareSums(row, longRuns[i]!, shape, take));

/**
 * Scores of a share over all its rows: the worst bound counts, and the placebos absorb that it was
 * picked (judge.md §2.3).
 */
export function strongestAt(rows: readonly ShareSums[], t0: number): Scores {
  let { scan, shift, late } = shareScoresAt(rows[0]!, t0);
  for (let i = 1; i < rows.length; i++) {
    const one = shareScoresAt(rows[i]!, t0);
    scan = Math.max(scan, one.scan);
    shift = Math.max(shift, one.shift);
    late = Math.max(late, one.late);
  }
  return { scan, shift, late };
}

/** What placebos of a signal rest on, learnt from all of its history. */
export const knownOf = (track: ShareTrack | RateTrack, take: Take): Known =>
  track.form === "share"
    ? { longRuns: track.rows.map((row) => longRunOf(row, take)), nu: 0 }
    : { longRuns: [], nu: swingOfRate(track.n, take) };

const requestsOf = (s: ServiceCounts) => ({ n: s.requests, valid: s.valid });

/** What a service's requests should have been after each of the steps. */
interface ExpectedRates {
  readonly perStep: Float64Array;
  readonly n0: Float64Array;
}

const expectedAt = ({ perStep, n0 }: ExpectedRates, i: number): Expected => ({ perStep: perStep[i]!, n0: n0[i]! });

function expectedRates(s: ServiceCounts, steps: Int32Array, shape: Shape, stepMs: number): ExpectedRates {
  const past = requestsOf(s);
  const out = { perStep: new Float64Array(steps.length), n0: new Float64Array(steps.length) };
  steps.forEach((t0, i) => {
    const before = knownRequests(past, t0 - shape.before, t0);
    const { perStep, n0 } = expectedRate(before, seasonalChange(past, t0, before.sum, shape, stepMs));
    out.perStep[i] = perStep;
    out.n0[i] = n0;
  });
  return out;
}

/** C of judge.md §2.7 at each of `steps`; null where too few services are busy. */
function commonChanges(
  history: Observation,
  expected: readonly ExpectedRates[],
  steps: Int32Array,
  shape: Shape,
): readonly (Float64Array | null)[] {
  return Array.from(steps, (t0, i) => {
    const all = history.services.map(
      (s, j): Bystander => ({ ...requestsOf(s), t0, expected: expectedAt(expected[j]!, i) }),
    );
    const busy = busyBystanders(all, history.grid.stepMs);
    return busy === null ? null : commonChange(busy, shape);
  });
}

/**
 * Scores at the pretended injections `steps` of every signal that has a day of history, or that
 * `known` names.
 * @param known what older placebos rest on, by key: later ones must rest on the same; null to learn
 * it from the whole history
 * @param room how many more scores will be added to each signal's
 */
export function scorePlacebos(
  history: Observation,
  steps: Int32Array,
  shape: Shape,
  known: ReadonlyMap<string, Known> | null,
  room = 0,
): Placebos[] {
  const { stepMs } = history.grid;
  const expected = history.services.map((s) => expectedRates(s, steps, shape, stepMs));
  const common = commonChanges(history, expected, steps, shape);
  // With everything else known, only the end of the history has to be opened.
  const from = known === null ? 0 : Math.max((steps[0] ?? 0) - shape.before, 0);
  const { take, reset } = arena();
  const memory = slab(true);
  return history.services.flatMap((s, j) => {
    reset();
    return tracksOf(cutFrom(history, s, from), [], take).flatMap((track): Placebos[] => {
      if (track.form === "quantile") return [];
      const rests = known === null ? learnt(track, stepMs, take) : known.get(track.key);
      if (rests === undefined) return [];
      const scores = emptyScores(memory, steps.length + room);
      const places = { steps, from, shape, known: knownSums(track, take) };
      if (track.form === "share") fillShare(scores, places, shareRows(track, rests.longRuns, shape, take));
      else fillRate(scores, places, rateSums(track.n, rests.nu, shape, take), expected[j]!, common);
      return [{ key: track.key, signal: track.signal, longRuns: rests.longRuns, nu: rests.nu, scores }];
    });
  });
}

/** What placebos rest on; undefined with less than a day. */
function learnt(track: ShareTrack | RateTrack, stepMs: number, take: Take): Known | undefined {
  const all = { from: 0, to: track.valid.length };
  return knownSteps(knownBy(track), all) * stepMs < KNOWN_AFTER_MS ? undefined : knownOf(track, take);
}

function emptyScores(memory: Slab, length: number): Record<Component, Float32Array> {
  const none = () => memory.take(length).fill(Number.NaN);
  return { scan: none(), shift: none(), late: none() };
}

/** Where injections are pretended: `steps` of the history, whose series were cut at step `from`. */
interface Places {
  readonly steps: Int32Array;
  readonly from: number;
  readonly shape: Shape;
  readonly known: Float64Array;
}

type ScoreArrays = Readonly<Record<Component, Float32Array>>;

function put(scores: ScoreArrays, i: number, one: Scores): void {
  scores.scan[i] = one.scan;
  scores.shift[i] = one.shift;
  scores.late[i] = one.late;
}

function fillShare(scores: ScoreArrays, { steps, from, shape, known }: Places, rows: readonly ShareSums[]): void {
  for (let i = 0; i < steps.length; i++) {
    const t0 = steps[i]! - from;
    if (isPretendable(known, t0, shape)) put(scores, i, strongestAt(rows, t0));
  }
}

function fillRate(
  scores: ScoreArrays,
  { steps, from, shape, known }: Places,
  rate: RateSums,
  expected: ExpectedRates,
  common: readonly (Float64Array | null)[],
): void {
  for (let i = 0; i < steps.length; i++) {
    const t0 = steps[i]! - from;
    if (isPretendable(known, t0, shape)) put(scores, i, rateScoresAt(rate, t0, expectedAt(expected, i), common[i]!));
  }
}

/** One service of `history`, from step `from` on. */
function cutFrom(history: Observation, s: ServiceCounts, from: number): Observation {
  if (from === 0) return { ...history, services: [s] };
  const { latency, connections } = s;
  const one: ServiceCounts = {
    ...s,
    requests: s.requests.subarray(from),
    failures: s.failures.subarray(from),
    valid: s.valid.subarray(from),
    latency: latency && {
      ...latency,
      successes: latency.successes.subarray(from),
      slow: latency.slow.map((row) => row.subarray(from)),
    },
    connections: connections && {
      opened: connections.opened.subarray(from),
      closed: connections.closed.subarray(from),
      failed: connections.failed.subarray(from),
    },
  };
  const { startMs, stepMs, steps } = history.grid;
  return { ...history, grid: { startMs: startMs + from * stepMs, stepMs, steps: steps - from }, services: [one] };
}
