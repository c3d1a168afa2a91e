import { nextExtensionMs } from "../../src/core/experiment/extension.ts";
import { buildNulls, type Nulls } from "../../src/core/judge/judge.ts";
import type { Observation } from "../../src/core/model/series.ts";
import { DAY_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import { BEFORE, GEOMETRY, REACH, SHAPE } from "../truth/experiment.ts";
import { type World, windowOf } from "../truth/world.ts";

const STEPS_A_DAY = DAY_MS / MINUTE_MS;
/**
 * Nulls are made again this often on the last day, as a worker that appends its history would have
 * them.
 */
const REBUILD_STEPS = 120;
const MOMENTS_A_BLOCK = 3;
/** Minutes by which an observation may be extended. */
export const MOST_MINUTES = 30;

const geometry = { ...GEOMETRY, extensionMs: MOST_MINUTES * MINUTE_MS };

/** Minutes of the extension after one of `minutes`. */
export const laterThan = (minutes: number): number => nextExtensionMs(minutes * MINUTE_MS, geometry) / MINUTE_MS;

/** Minutes by which the late window may lie later. */
const LATER: readonly number[] = [0, laterThan(0), laterThan(laterThan(0))];

/**
 * Nulls by minutes of extension: the late window lies so much later, in the test and at every
 * placebo.
 */
export type NullsBy = ReadonlyMap<number, Nulls>;

export interface Moment {
  /** Step of the injection in the world. */
  readonly t0: number;
  readonly history: Observation;
  readonly nullsBy: NullsBy;
}

/** Moments of the last day, with nulls for the planned late window and for each extended one. */
export function* momentsOf(world: World): Generator<Moment> {
  const first = (world.days - 1) * STEPS_A_DAY;
  const reach = REACH + MOST_MINUTES + BEFORE + REBUILD_STEPS;
  for (let block = first; block + reach < world.days * STEPS_A_DAY; block += REBUILD_STEPS) {
    const history = windowOf(world.services, Math.max(block - 7 * STEPS_A_DAY, 0), block);
    const nullOf = (later: number) => buildNulls(history, { ...SHAPE, lateFrom: SHAPE.lateFrom + later }, []);
    const nullsBy = new Map(LATER.map((later) => [later, nullOf(later)]));
    for (let i = 0; i < MOMENTS_A_BLOCK; i++) {
      yield { t0: block + BEFORE + Math.round((i * REBUILD_STEPS) / MOMENTS_A_BLOCK), history, nullsBy };
    }
  }
}
