import { type Grid, stepAt } from "../../model/series.ts";
import { betaBinomialUpperTail } from "../../stats/beta-binomial.ts";
import { effectiveRequests } from "../../stats/overdispersion.ts";
import { fresh, type Take } from "../input/arena.ts";
import { sumKnown } from "../input/masked.ts";
import type { Nulls, SignalNull } from "../input/nulls.ts";
import type { Past, Requests } from "../input/records.ts";
import { type Component, type Scores, shapeOf } from "../input/shape.ts";
import type { RateTrack, ShareTrack } from "../input/track.ts";
import type { Span, Windows } from "../input/windows.ts";
import { localP, noiseAt, ownRanksReach, rankP, roomForNoise, studentise } from "./component-null.ts";
import { poolKey } from "./nulls.ts";
import { shareRows, strongestAt } from "./placebos.ts";
import { type Expected, expectedRate, knownRequests, rateScoresAt, rateSums, seasonalChange } from "./rate-scores.ts";

/**
 * What the test against history says of one component (shift or scan): its score held against those
 * of quiet moments.
 */
export interface ComponentTest {
  /** The score in spreads of its own null: ranks services. */
  readonly v: number;
  /**
   * One-sided, before multiplicity and minimum effect: the larger of the service's own and the
   * pooled one.
   */
  readonly p: number;
  /** How much noisier the last hours were than usual. */
  readonly noise: number;
}
export type KnownTest = Partial<Record<Component, ComponentTest>>;

/** What is expected of a rate: by its own season, and by what all services do together. */
export interface RateOutlook {
  readonly expected: Expected;
  /** As `rateScoresAt` takes it. */
  readonly common: ArrayLike<number> | null;
}

/** What the steps before t0, and this time of day in `past`, promise of a service's requests. */
export function expectedAfter(now: Requests, past: Past | null, windows: Windows, grid: Grid): Expected {
  const t0 = windows.before.to;
  const before = knownRequests(now, windows.before.from, t0);
  if (past === null) return expectedRate(before, 0);
  const at = stepAt({ ...grid, startMs: past.startMs }, grid.startMs + t0 * grid.stepMs);
  return expectedRate(before, seasonalChange(past, at, before.sum, shapeOf(windows), grid.stepMs));
}

/** A signal of which the history knows what it does when nothing happens. */
export interface KnownSignal {
  readonly track: ShareTrack | RateTrack;
  readonly windows: Windows;
  readonly grid: Grid;
  readonly known: SignalNull;
}

function scoresOf({ track, windows, known }: KnownSignal, rate: () => RateOutlook, take: Take): Scores {
  const [shape, t0] = [shapeOf(windows), windows.before.to];
  if (track.form === "share") return strongestAt(shareRows(track, known.longRuns, shape, take), t0);
  const { expected, common } = rate();
  return rateScoresAt(rateSums(track.n, known.nu, shape, take), t0, expected, common);
}

/**
 * p after a history without a single failure, where the null has no spread: K ~ BetaBinomial given
 * what was seen (judge.md §2.10), requests counted as those of all services swing.
 */
function exactP(track: ShareTrack, known: SignalNull, after: Span, rho: number): number {
  const { k: k0, n: n0 } = known.longRuns[0]!;
  const [k, n] = [sumKnown(track.rows[0]!.k, after), sumKnown(track.rows[0]!.n, after)];
  if (!(n > 0)) return 1;
  const worth = effectiveRequests(n, after.to - after.from, rho);
  const m = Math.max(Math.round(worth), 1);
  return betaBinomialUpperTail(Math.round((k * m) / n), m, 0.5 + k0, 0.5 + n0 - k0);
}

/**
 * Tests one signal against its own history and that of all services (judge.md §2.5): one p for each
 * component.
 * @param rate what is expected of a rate; not asked for shares
 * @param take where arrays come from that nobody needs afterwards
 */
export function knownTest(signal: KnownSignal, nulls: Nulls, rate: () => RateOutlook, take: Take = fresh): KnownTest {
  const { track, windows, grid, known } = signal;
  const atStep = stepAt({ ...grid, startMs: nulls.startMs }, grid.startMs + windows.before.to * grid.stepMs);
  const scores = scoresOf(signal, rate, take);
  const neverFailed = track.form === "share" && track.signal !== "latency" && known.longRuns[0]!.k === 0;
  const room = take(roomForNoise(known.positions));
  const out: KnownTest = {};
  for (const component of Object.keys(known.components) as Component[]) {
    const one = known.components[component]!;
    if (Number.isNaN(scores[component])) continue;
    const noise = noiseAt(one, known.positions, atStep, room);
    const v = studentise(one, scores[component], noise);
    const own = neverFailed
      ? exactP(track, known, component === "late" ? windows.late : windows.early, nulls.typicalRho)
      : localP(one, v);
    // Only a small p of its own asks what is exceptional among all: that list is long.
    const reach = neverFailed ? 1 : ownRanksReach(one);
    const among = own < reach ? rankP(nulls.pools.get(poolKey(known.signal, component))!, v) : 0;
    out[component] = { v, p: Math.max(own, Math.min(among, reach)), noise };
  }
  return out;
}
