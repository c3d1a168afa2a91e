import type { Observation, ServiceCounts } from "../../model/series.ts";
import type { Signal } from "../../model/verdict.ts";
import { KNOWN_AFTER_MS } from "../constants.ts";
import type { Known } from "../known.ts";
import { knownSteps } from "../masked.ts";
import type { LongRun } from "../share-deviate.ts";
import { knownBy, type RateTrack, type ShareTrack, type Track, tracksOf } from "../track.ts";
import { busyControls, type Control, commonChange } from "./common-change.ts";
import { type Expected, expectedRate, knownRequests, rateScorer, seasonalChange, swingOfRate } from "./rate-scores.ts";
import { COMPONENTS, type Component, reachOf, type Scores, type Shape } from "./shape.ts";
import { longRunOf, shareScorer } from "./share-scores.ts";
import { between, runningCount } from "./sums.ts";

/** Placebo scores of one signal, at the same steps as those of all others; NaN where none could be made. */
export interface Placebos extends Known {
  readonly key: string;
  readonly signal: Signal;
  readonly scores: Readonly<Record<Component, Float32Array>>;
}

/** Shares of the steps before and after that must be known: judge.md §2.1. */
const KNOWN_BEFORE = 2 / 3;
const KNOWN_AFTER = 4 / 5;

/** Is enough known around `t0`? */
function pretendable(track: Track, shape: Shape): (t0: number) => boolean {
  const known = runningCount(knownBy(track));
  const reach = reachOf(shape);
  return (t0) =>
    between(known, t0 - shape.before, t0) >= KNOWN_BEFORE * shape.before &&
    between(known, t0, t0 + reach) >= KNOWN_AFTER * reach;
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

const knownOf = (track: ShareTrack | RateTrack): Known =>
  track.form === "share" ? { longRuns: track.rows.map(longRunOf), nu: 0 } : { longRuns: [], nu: swingOfRate(track.n) };

const requestsOf = (s: ServiceCounts) => ({ n: s.requests, valid: s.valid });

/** What each service's requests should have been after each of `steps`. */
function expectedRates(s: ServiceCounts, steps: Int32Array, shape: Shape, stepMs: number): readonly Expected[] {
  const past = requestsOf(s);
  return Array.from(steps, (t0) => {
    const before = knownRequests(past, t0 - shape.before, t0);
    return expectedRate(before, seasonalChange(past, t0, before.sum, shape, stepMs));
  });
}

/** C of judge.md §2.7 at each of `steps`; null where too few services are busy. */
function commonChanges(
  history: Observation,
  expected: readonly (readonly Expected[])[],
  steps: Int32Array,
  shape: Shape,
): readonly (Float64Array | null)[] {
  return Array.from(steps, (t0, i) => {
    const all = history.services.map((s, j): Control => ({ ...requestsOf(s), t0, expected: expected[j]![i]! }));
    const busy = busyControls(all, history.grid.stepMs);
    return busy === null ? null : commonChange(busy, shape);
  });
}

/**
 * Scores at the pretended injections `steps` of every signal that has a day of history, or that `known` names.
 * @param known what older placebos rest on, by key: later ones must rest on the same; null to learn it from the whole history
 */
export function scorePlacebos(
  history: Observation,
  steps: Int32Array,
  shape: Shape,
  known: ReadonlyMap<string, Known> | null,
): Placebos[] {
  const { stepMs } = history.grid;
  const expected = history.services.map((s) => expectedRates(s, steps, shape, stepMs));
  const common = commonChanges(history, expected, steps, shape);
  // With everything else known, only the end of the history has to be opened.
  const from = known === null ? 0 : Math.max((steps[0] ?? 0) - shape.before, 0);
  return history.services.flatMap((s, j) =>
    tracksOf(cutFrom(history, s, from)).flatMap((track) => {
      if (track.form === "quantile") return [];
      const enough = known !== null || knownSteps(knownBy(track), allOf(track)) * stepMs >= KNOWN_AFTER_MS;
      const rests = known === null ? (enough ? knownOf(track) : undefined) : known.get(track.key);
      if (rests === undefined) return [];
      const can = pretendable(track, shape);
      const score = scorerOf(track, rests, shape, expected[j]!, common);
      const scores: Record<Component, Float32Array> = {
        scan: new Float32Array(steps.length).fill(Number.NaN),
        shift: new Float32Array(steps.length).fill(Number.NaN),
        late: new Float32Array(steps.length).fill(Number.NaN),
      };
      steps.forEach((t0, i) => {
        if (!can(t0 - from)) return;
        const one = score(t0 - from, i);
        for (const component of COMPONENTS) scores[component][i] = one[component];
      });
      return [{ key: track.key, signal: track.signal, ...rests, scores }];
    }),
  );
}

const allOf = (track: Track) => ({ from: 0, to: track.valid.length });

function scorerOf(
  track: ShareTrack | RateTrack,
  known: Known,
  shape: Shape,
  expected: readonly Expected[],
  common: readonly (Float64Array | null)[],
): (t0: number, i: number) => Scores {
  if (track.form === "share") return shareScores(track, known.longRuns, shape);
  const score = rateScorer(track.n, known.nu, shape);
  return (t0, i) => score(t0, expected[i]!, common[i]!);
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
