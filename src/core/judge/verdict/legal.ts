import type { ServiceId } from "../../model/cluster.ts";
import type { MinimumEffect } from "../../model/policy.ts";
import {
  type Effect,
  isDegraded,
  type Signal,
  type SignalVerdict,
  type VerdictKind,
  worstVerdict,
} from "../../model/verdict.ts";
import { normalUpperQuantileOfLog, Z_TWO_SIDED } from "../../stats/normal.ts";
import { leastRise, limitsOf } from "../engine/minimum-effect.ts";

/**
 * What may stand together in one verdict:
 *
 * | verdict | effect | p | smallest change that would have been seen |
 * |---|---|---|---|
 * | steady | its lower bound is no more than the minimum effect | any | at least the effect |
 * | transient, slow-recovery, persistent, unresolved | in the bad direction | any | none |
 * | inconclusive: no data, no traffic | of a signal without data: none | none | none |
 * | inconclusive otherwise | any | any | any |
 */
type Told = Pick<SignalVerdict, "signal" | "verdict" | "effect" | "p" | "minimumDetectable">;

/** A distance from no change in the unit of `minimumDetectable`; positive is worse. */
export interface Distance {
  readonly point: number;
  readonly low: number;
}

/**
 * How far an effect lies from no change: points of a share, or the relative rise or fall of a
 * ratio.
 */
export function distanceOf({ unit, change }: Effect, signal: Signal): Distance {
  if (unit === "share") return change;
  if (signal === "rate") return { point: 1 - change.point, low: 1 - change.high };
  return { point: change.point - 1, low: change.low - 1 };
}

/** The minimum effect as such a distance. */
function minimumOf(effect: Effect, signal: Signal, minimum: MinimumEffect): number {
  if (signal === "rate") return limitsOf("fall", minimum).minimum;
  if (effect.unit === "ratio") return minimum.latencyRatio - 1;
  return leastRise(signal, Math.min(effect.before, 1 - 1e-7), minimum);
}

/** Whether an effect is, by the lower bound of its interval, larger than the minimum effect. */
export const exceedsMinimum = (effect: Effect | null, signal: Signal, minimum: MinimumEffect): boolean =>
  effect !== null && distanceOf(effect, signal).low > minimumOf(effect, signal, minimum);

/**
 * The effect with a lower bound that leaves as much doubt as the test did, down to no change at
 * all: one that counts requests as if they never swung would else contradict it. Test-based limits:
 * Miettinen (1976), https://doi.org/10.1093/oxfordjournals.aje.a112225.
 */
export function withDoubtOf(effect: Effect, signal: Signal, p: number | null): Effect {
  const { change, unit } = effect;
  if (p === null || !(distanceOf(effect, signal).low > 0)) return effect;
  const z = p > 0 && p < 0.5 ? normalUpperQuantileOfLog(Math.log(p)) : p < 0.5 ? Number.POSITIVE_INFINITY : 0;
  const kept = Math.max(1 - Z_TWO_SIDED / z, 0);
  if (unit === "share") return { ...effect, change: { ...change, low: Math.min(change.low, change.point * kept) } };
  const bound = Math.exp(Math.log(Math.max(change.point, 1e-9)) * kept);
  return signal === "rate"
    ? { ...effect, change: { ...change, high: Math.max(change.high, bound) } }
    : { ...effect, change: { ...change, low: Math.min(change.low, bound) } };
}

/** Which rule of the table a verdict breaks, or null. */
export function contradiction(
  { signal, verdict, effect, p, minimumDetectable }: Told,
  minimum: MinimumEffect,
): string | null {
  const { kind } = verdict;
  if (kind === "steady") {
    if (exceedsMinimum(effect, signal, minimum)) return "steady beside an effect above the minimum";
    if (minimumDetectable === null) return "steady although nothing would have been seen";
    if (effect !== null && distanceOf(effect, signal).point > minimumDetectable)
      return "steady beside an effect that it promised to see";
    return null;
  }
  if (isDegraded(kind)) {
    if (minimumDetectable !== null) return `${kind}, but tells what would have been seen`;
    if (effect !== null && !(distanceOf(effect, signal).point > 0)) return `${kind}, but nothing got worse`;
    return null;
  }
  if (verdict.kind !== "inconclusive") return null;
  const blind = verdict.why === "no-data" || verdict.why === "no-traffic";
  return blind && (effect !== null || p !== null) ? `${verdict.why}, but something was measured` : null;
}

/**
 * The headline over the verdicts of those concerned, the starved left out: the worst, and never
 * *steady* while one of them changed by more than the minimum effect, whatever it could not be told
 * from.
 */
export function headlineOf(
  verdicts: readonly SignalVerdict[],
  minimum: (service: ServiceId) => MinimumEffect,
): VerdictKind {
  const worst = worstVerdict(verdicts.map((v) => v.verdict.kind));
  const open = verdicts.some((v) => exceedsMinimum(v.effect, v.signal, minimum(v.service)));
  return worst === "steady" && open ? "inconclusive" : worst;
}
