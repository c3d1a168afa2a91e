import type { Span } from "../input/windows.ts";
import type { Limits } from "./minimum-effect.ts";

/** Distance from no change, in the meter's own unit, with its bounds. */
export interface Bounds {
  readonly point: number;
  readonly low: number;
  readonly high: number;
}

/**
 * Measures how far a signal lies from its baseline in any stretch. Units: share (failures), ln odds
 * (slow), fall (rate), ln ratio (quantile).
 */
export interface Meter extends Limits {
  /** What it was before: a share, requests a step, or ms. */
  readonly before: number;
  /**
   * With bounds at normal quantile `z` (one-sided 95 % when left out); null when nothing is known
   * of the stretch.
   */
  at(span: Span, z?: number): Bounds | null;
  /**
   * Whether a stretch is back from a `damage` (a distance), and that is shown: a stretch of which
   * too little is known is not.
   */
  isBack(span: Span, damage: number): boolean;
}

/**
 * The distance under which a signal counts as back: the minimum effect, or, where so few requests
 * come that no stretch could ever prove that, half of the damage, but never more than may go unseen
 * in a steady service.
 */
export const backBound = ({ minimum, largestUnseen }: Omit<Meter, "isBack">, damage: number): number =>
  Math.max(minimum, Math.min(largestUnseen, damage / 2));

/** A meter whose signal is back when the upper bound of its distance is under `backBound`. */
export function byBound(meter: Omit<Meter, "isBack">): Meter {
  return {
    ...meter,
    isBack(span, damage) {
      const bounds = meter.at(span);
      return bounds !== null && bounds.high < backBound(meter, damage);
    },
  };
}
