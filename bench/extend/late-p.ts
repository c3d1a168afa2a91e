import { knownTest } from "../../src/core/judge/history/known-test.ts";
import { outlooksOf } from "../../src/core/judge/history/outlook.ts";
import { tracksOf } from "../../src/core/judge/input/track.ts";
import { windowsOf } from "../../src/core/judge/input/windows.ts";
import type { Nulls } from "../../src/core/judge/judge.ts";
import { MINUTE_MS } from "../../src/core/model/units.ts";
import { BEFORE, CLEAR, GEOMETRY, REACH } from "../truth/experiment.ts";
import { type World, windowOf } from "../truth/world.ts";
import { type Moment, momentsOf } from "./moments.ts";

/**
 * p of a late window so many minutes later when nothing happened: against the null of its own
 * place, and against that of the planned one.
 */
export interface LateP {
  readonly signal: string;
  readonly later: number;
  readonly own: number;
  readonly planned: number;
}

/** Of every service at every moment. */
export const latePs = (world: World): LateP[] =>
  [...momentsOf(world)].flatMap((moment) =>
    [...moment.nullsBy].flatMap(([later, nulls]) => psAt(world, moment, later, nulls)),
  );

function psAt(world: World, { t0, history, nullsBy }: Moment, later: number, nulls: Nulls): LateP[] {
  const past = new Map(history.services.map((s) => [s.service, s]));
  const requests = (service: string) => {
    const of = past.get(service);
    return of === undefined ? null : { n: of.requests, valid: of.valid, startMs: history.grid.startMs };
  };
  const { grid, ...observation } = windowOf(world.services, t0 - BEFORE, t0 + REACH + later);
  const windows = windowsOf(grid, t0 * MINUTE_MS, (t0 + CLEAR) * MINUTE_MS, GEOMETRY, later * MINUTE_MS);
  const outlook = outlooksOf({ grid, ...observation }, { requests }, windows, new Set());
  return tracksOf({ grid, ...observation }).flatMap((track): LateP[] => {
    if (track.form === "quantile") return [];
    const p = (of: Nulls | undefined): number | undefined => {
      const known = of?.bySignal.get(track.key);
      if (of === undefined || known === undefined) return undefined;
      return knownTest({ track, windows, grid, known }, of, () => outlook(track.service)).late?.p;
    };
    const [own, planned] = [p(nulls), p(nullsBy.get(0))];
    return own === undefined || planned === undefined ? [] : [{ signal: track.signal, later, own, planned }];
  });
}
