import type { ServiceId } from "../../model/cluster.ts";
import type { Track } from "../input/track.ts";
import type { Span } from "../input/windows.ts";
import type { Comparison, Part } from "./comparison.ts";
import type { Meter } from "./meter.ts";

/** Where a signal differs most from what it was before. */
export interface Stretch {
  /** In steps of the track. */
  readonly block: Span;
  /** Which latency bound was strongest; 0 elsewhere. */
  readonly row: number;
}

/** What one test of one window of one signal says. */
export interface SignalTest extends Stretch {
  readonly engine: Engine;
  readonly part: Part;
  /**
   * Normal-equivalent deviate; −∞ when the effect is below the minimum; null when there is too
   * little to test.
   */
  readonly z: number | null;
  /** By how much the quiet record widened z, at least 1; null without a record. */
  readonly widened: number | null;
  /** One-sided; null when nothing was tested. */
  readonly p: number | null;
  /** There was nothing to test at all: not one request, or not one step that was scraped. */
  readonly idle: boolean;
  /** How much noisier the signal is now than usual (judge.md §2.5 item 4), at least 1. */
  readonly noise: number;
}

/** What a lone change must reach among all tests of a judgement. */
export interface Critical {
  /** p of its test. */
  readonly p: number;
  /** Normal quantile of the intervals that the minimum effect is held to. */
  readonly selectiveZ: number;
  /** Larger changes are of no interest. */
  readonly most?: number;
}

/**
 * Decides one comparison: by the window's own steps (`window/`), or against a day of its history or
 * more (`history/`).
 */
export interface Engine {
  readonly comparison: Comparison;
  /** Whether less than a day of its own history decides. */
  readonly learning: boolean;
  /** One test for each part of the time after that says something of such a signal. */
  test(): readonly SignalTest[];
  /**
   * Whether a test that was rejected exceeds the minimum effect by the lower bound of its interval
   * at normal quantile `z` (judge.md §2.8).
   */
  matters(test: SignalTest, z: number): boolean;
  /** The strongest stretch of the whole time after. */
  strongest(): Stretch;
  /**
   * The smallest change that would be found four times of five (judge.md §2.10), for latency at the
   * bound `row`; null when none, or none up to `critical.most`.
   */
  detectable(test: SignalTest, row: number, critical: Critical): number | null;
  /** Measures how far the signal lies from what it was before, for latency at the bound `row`. */
  meter(row: number): Meter;
}

/** The signal that was tested. */
export const trackOf = ({ engine }: SignalTest): Track => engine.comparison.track;
export const serviceOf = (test: SignalTest): ServiceId => trackOf(test).service;
