import type { Geometry } from "../../src/core/model/policy.ts";
import type { Grid } from "../../src/core/model/series.ts";
import { MINUTE_MS } from "../../src/core/model/units.ts";

/** Long steps, so that a day of history is a hundred and forty of them. */
export const STEP_MS = 10 * MINUTE_MS;
export const T0_MS = Date.UTC(2026, 2, 6, 9, 10);
export const GEOMETRY: Geometry = {
  stepMs: STEP_MS,
  beforeMs: 6 * STEP_MS,
  earlyMs: 3 * STEP_MS,
  graceMs: STEP_MS,
  lateMs: 3 * STEP_MS,
};
export const GRID: Grid = { startMs: T0_MS - GEOMETRY.beforeMs, stepMs: STEP_MS, steps: 13 };
