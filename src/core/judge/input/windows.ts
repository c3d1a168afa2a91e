import type { Geometry } from "../../model/policy.ts";
import { type Grid, stepAt } from "../../model/series.ts";

/** Steps `[from, to)`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const spanLength = (span: Span): number => Math.max(span.to - span.from, 0);

/**
 * The parts of an observation, in steps of its grid. The step that contains t0 is the first one
 * after.
 */
export interface Windows {
  readonly before: Span;
  readonly early: Span;
  /** Empty when the geometry has no late window or the observation ended before it. */
  readonly late: Span;
  /** Everything from t0 to the end of the later window. */
  readonly after: Span;
  /** First step after t_clear + grace: recovered by then is *transient*, later *slow*. */
  readonly graceEnds: number;
}

/**
 * Where before, early and late lie on `grid`; early and late may overlap when the fault was over at
 * once.
 * @param extendedMs by how much later the late window lies than planned
 */
export function windowsOf(grid: Grid, t0Ms: number, clearMs: number, geometry: Geometry, extendedMs = 0): Windows {
  const inside = (step: number): number => Math.min(Math.max(step, 0), grid.steps);
  const steps = (ms: number): number => Math.round(ms / grid.stepMs);
  const start = stepAt(grid, t0Ms);
  const graceEnds = Math.ceil((clearMs + geometry.graceMs - grid.startMs) / grid.stepMs);
  const before = { from: inside(start - Math.ceil(geometry.beforeMs / grid.stepMs)), to: inside(start) };
  const early = { from: before.to, to: inside(start + steps(geometry.earlyMs)) };
  const lateFrom = graceEnds + steps(extendedMs);
  const late = { from: inside(lateFrom), to: inside(lateFrom + steps(geometry.lateMs)) };
  return { before, early, late, after: { from: before.to, to: Math.max(early.to, late.to) }, graceEnds };
}

/** The same windows, so many steps earlier. */
export function movedBack({ before, early, late, after, graceEnds }: Windows, steps: number): Windows {
  const move = ({ from, to }: Span): Span => ({ from: from - steps, to: to - steps });
  return {
    before: move(before),
    early: move(early),
    late: move(late),
    after: move(after),
    graceEnds: graceEnds - steps,
  };
}
