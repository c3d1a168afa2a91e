import type { Signal } from "../../model/verdict.ts";
import type { ParetoTail } from "../../stats/pareto-tail.ts";
import type { Known } from "./known.ts";
import type { Component, Shape } from "./shape.ts";

/**
 * What a score looks like when nothing happens, for one signal of one service and one component.
 * Plain data: it crosses threads.
 */
export interface ComponentNull {
  readonly median: number;
  /** q95 − median, at least `LEAST_SPREAD`. */
  readonly spread: number;
  /** Studentised placebo scores, ascending. */
  readonly sorted: Float32Array;
  readonly tail: { readonly from: number; readonly share: number; readonly fit: ParetoTail } | null;
  /** Placebo scores in order of time. */
  readonly scores: Float32Array;
}

/**
 * Steps of the placebos, ascending, and what is needed to say which of them were over before a
 * moment.
 */
export interface Positions {
  readonly steps: Int32Array;
  /** Steps of the early window. */
  readonly early: number;
  readonly stepMs: number;
}

/** What is known of one signal of one service from its history. */
export interface SignalNull extends Known {
  readonly key: string;
  readonly signal: Signal;
  readonly positions: Positions;
  readonly components: Readonly<Partial<Record<Component, ComponentNull>>>;
}

/**
 * Everything that a judgement with history needs, for one shape of windows. Plain data: it crosses
 * threads.
 */
export interface Nulls {
  readonly shape: Shape;
  readonly stepMs: number;
  /** Positions count steps from here, ms since the epoch. */
  readonly startMs: number;
  /**
   * Median intra-step correlation of failures over the services: how much a service swings that
   * never failed.
   */
  readonly typicalRho: number;
  readonly bySignal: ReadonlyMap<string, SignalNull>;
  /** Studentised placebo scores of all services, by signal and component, ascending. */
  readonly pools: ReadonlyMap<string, Float32Array>;
}
