import type { ServiceId } from "../../model/cluster.ts";
import type { Geometry, MinimumEffect } from "../../model/policy.ts";
import type { Observation } from "../../model/series.ts";
import { isDegraded, type Signal, type SignalVerdict } from "../../model/verdict.ts";
import { intraStepCorrelation } from "../../stats/overdispersion.ts";
import type { Meter } from "../engine/meter.ts";
import { quantileMeter } from "../engine/quantile-meter.ts";
import { ownRateBaseline } from "../engine/rate-baseline.ts";
import { rateSeenBefore } from "../engine/rate-before.ts";
import { RECOVERY_SWING_FLOOR, rateMeter } from "../engine/rate-meter.ts";
import { failureMeter, slowMeter } from "../engine/share-meters.ts";
import { SUSTAINED_MS } from "../input/constants.ts";
import type { QuantileSeries } from "../input/quantile-series.ts";
import { knownBy, type ShareSeries, type Track, tracksOf } from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import { operationalRecovery } from "./recovery.ts";

/**
 * Where few requests come a recovery is looked for in stretches of up to this many late windows.
 */
const CLEAN_LATE_WINDOWS = 3;

export interface RecoveryInput {
  /** Newer counts, any time after the experiment, on any step; its end is now. */
  readonly observation: Observation;
  /**
   * Verdicts of the old judgement; the degraded ones among them are looked at. Their effects carry
   * the old baseline.
   */
  readonly damage: readonly SignalVerdict[];
  readonly geometry: Geometry;
  readonly minimumEffect: MinimumEffect | ((service: ServiceId) => MinimumEffect);
  readonly quantiles?: readonly QuantileSeries[];
}

/** Whether one damaged signal is back. */
export interface RecoveryLook {
  readonly service: ServiceId;
  readonly signal: Signal;
  readonly back: boolean;
  /** Since when it has been back, ms since the epoch: the start of the first good step. */
  readonly sinceMs: number | null;
  /**
   * Upper 95 % bound of what is left of the effect over the last stretch (share, ln odds of slow,
   * fall, ln ratio); null when unknown.
   */
  readonly leftover: number | null;
  /** One sentence. */
  readonly detail: string;
}

/**
 * Are damaged services back? Each degraded signal is back when the upper bound of its effect
 * against the old baseline has stayed under the minimum effect (or half of the damage, where so
 * little traffic flows that no more can be shown) until the end of the observation. No data and no
 * traffic are never a recovery.
 */
export function looksRecovered(input: RecoveryInput): RecoveryLook[] {
  const tracks = tracksOf(input.observation, input.quantiles);
  return input.damage
    .filter((v) => isDegraded(v.verdict.kind))
    .map((v) =>
      lookAt(
        v,
        tracks.filter((t) => t.service === v.service && t.signal === v.signal),
        input,
      ),
    );
}

function lookAt(damage: SignalVerdict, tracks: readonly Track[], input: RecoveryInput): RecoveryLook {
  const { grid } = input.observation;
  const base = { service: damage.service, signal: damage.signal, back: false, sinceMs: null, leftover: null };
  const track = tracks[0];
  const effect = typeof input.minimumEffect === "function" ? input.minimumEffect(damage.service) : input.minimumEffect;
  if (track === undefined || damage.effect === null)
    return { ...base, detail: "No series of this signal is there any more." };
  const end = lastKnown(track) + 1;
  const sustained = Math.max(1, Math.round(Math.min(SUSTAINED_MS, input.geometry.lateMs / 2) / grid.stepMs));
  if (end < sustained) return { ...base, detail: "Not enough was measured since to tell." };
  const tail: Span = { from: end - sustained, to: end };
  const late = Math.max(1, Math.round(input.geometry.lateMs / grid.stepMs));
  const meter = meterAgainst(damage, track, { tail, stepMs: grid.stepMs, longest: CLEAN_LATE_WINDOWS * late }, effect);
  if (meter === null) return { ...base, detail: "The latency bound of the old verdict is not measured any more." };
  const longest = Math.min(CLEAN_LATE_WINDOWS * late, end);
  const since = operationalRecovery(meter, damageOf(damage), { from: 0, to: end, shortest: sustained, longest });
  const leftover = meter.at(tail)?.high ?? null;
  if (leftover === null) return { ...base, detail: "No traffic came since, so nothing can be told." };
  if (since === null) return { ...base, leftover, detail: "Still worse than before." };
  return {
    ...base,
    back: true,
    sinceMs: grid.startMs + since * grid.stepMs,
    leftover,
    detail: "Back to what it was before.",
  };
}

function lastKnown(track: Track): number {
  const known = knownBy(track);
  let last = known.length - 1;
  while (last >= 0 && Number.isNaN(known[last])) last--;
  return last;
}

const odds = (p: number): number => p / Math.max(1 - p, 1e-7);

/** The share before, with half a hit added. */
const shareBefore = (before: number, n: number): number => (before * n + 0.5) / (n + 1);

/** The old distance from no change, in the unit of the signal's meter. */
function damageOf({ effect, signal, requests }: SignalVerdict): number {
  if (effect === null) return 0;
  if (effect.boundMs !== null) return Math.log(odds(effect.after) / odds(shareBefore(effect.before, requests.before)));
  if (effect.unit === "share") return effect.after - effect.before;
  if (signal === "rate") return 1 - effect.change.point;
  return Math.log(effect.change.point);
}

/**
 * A meter against the baseline that the old verdict carries; swings are read from the newest
 * stretch, where it should be quiet again.
 */
function meterAgainst(
  damage: SignalVerdict,
  track: Track,
  { tail, stepMs, longest }: { readonly tail: Span; readonly stepMs: number; readonly longest: number },
  effect: MinimumEffect,
): Meter | null {
  const before = damage.effect!.before;
  switch (track.form) {
    case "share": {
      const row = track.boundsMs === null ? 0 : track.boundsMs.indexOf(damage.effect!.boundMs ?? Number.NaN);
      const series = track.rows[row];
      if (series === undefined) return null;
      const n = damage.requests.before;
      const reference = {
        share: shareBefore(before, n),
        rho: swing(series, tail),
        n,
        most: () => damage.effect!.most ?? before,
        longest,
      };
      return (track.signal === "latency" ? slowMeter : failureMeter)(series, reference, effect);
    }
    case "rate": {
      const perStep = (before * stepMs) / 1_000;
      const { nu } = ownRateBaseline(rateSeenBefore(track.n, tail), RECOVERY_SWING_FLOOR);
      const steps = Math.max(Math.round(damage.requests.before / Math.max(perStep, 1e-9)), 1);
      return rateMeter(track.n, { perStep, nu, n: damage.requests.before, steps }, effect);
    }
    case "quantile":
      return quantileMeter(track.values, before, 0, tail.to - tail.from, effect);
  }
}

function swing(series: ShareSeries, tail: Span): number {
  const k = series.k.subarray(tail.from, tail.to);
  const n = series.n.subarray(tail.from, tail.to).map((x) => (Number.isNaN(x) ? 0 : x));
  const total = n.reduce((a, b) => a + b, 0);
  const failed = k.reduce((a, x) => a + (Number.isNaN(x) ? 0 : x), 0);
  return intraStepCorrelation(k, n, (failed + 0.5) / (total + 1));
}
