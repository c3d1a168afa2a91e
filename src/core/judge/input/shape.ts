import type { Windows } from "./windows.ts";

/**
 * The windows of a test in steps, counted from the step of t0: a null holds for one shape (judge.md
 * §2.5).
 */
export interface Shape {
  readonly before: number;
  readonly early: number;
  /** First step of the late window after t0. */
  readonly lateFrom: number;
  readonly late: number;
}

/** The shape of the windows as they lie on the grid. */
export const shapeOf = (windows: Windows): Shape => ({
  before: windows.before.to - windows.before.from,
  early: windows.early.to - windows.early.from,
  lateFrom: windows.late.from - windows.early.from,
  late: windows.late.to - windows.late.from,
});

/** Steps after t0 that a window of this shape reaches. */
export const reachOf = (shape: Shape): number =>
  Math.max(shape.early, shape.late > 0 ? shape.lateFrom + shape.late : 0);

/** The parts of a test that have a null of their own. */
export const COMPONENTS = ["scan", "shift", "late"] as const;
export type Component = (typeof COMPONENTS)[number];

/**
 * Scores of one signal at one moment: how surprising a burst, a shift and a lasting shift are; NaN
 * where nothing can be said.
 */
export type Scores = Record<Component, number>;
