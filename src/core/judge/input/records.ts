import type { ServiceId } from "../../model/cluster.ts";
import type { Counts, Observation } from "../../model/series.ts";
import type { Window } from "../../model/units.ts";
import type { JudgeInput } from "./input.ts";
import { validSteps } from "./masked.ts";
import { placeboPositions } from "./placebo-positions.ts";
import { type Track, tracksOf } from "./track.ts";
import type { Windows } from "./windows.ts";

/** Requests of a service as its history has them, masked or not. */
export interface Requests {
  readonly n: Counts;
  readonly valid: Uint8Array;
}

/** Requests of a service in its history, whose steps begin at `startMs`. */
export interface Past extends Requests {
  readonly startMs: number;
}

/** The quiet record of one signal, and where an injection can be pretended in it. */
export interface QuietRecord {
  readonly track: Track;
  readonly positions: readonly number[];
}

/**
 * The history, opened service by service: a week of hundreds of services is only looked at where
 * something is to be asked.
 */
export interface Records {
  /** The quiet record of the same signal, or null. */
  of(track: Track): QuietRecord | null;
  /** Whether the history knows a service. */
  has(service: ServiceId): boolean;
  /** Requests of one service in the history, or null. */
  requests(service: ServiceId): Past | null;
  /** How long a service is known: its valid steps, ms. */
  knownMs(service: ServiceId): number;
}

/** The time that an observation covers. */
export const ownWindow = ({ grid }: Observation): Window => ({
  fromMs: grid.startMs,
  toMs: grid.startMs + grid.steps * grid.stepMs,
});

/**
 * @throws RangeError when the history has another step than the observation
 */
export function recordsOf(input: JudgeInput, windows: Windows): Records {
  const { observation, history } = input;
  if (history === null) return { of: () => null, has: () => false, requests: () => null, knownMs: () => 0 };
  const { stepMs } = history.grid;
  if (stepMs !== observation.grid.stepMs) {
    const other = observation.grid.stepMs;
    throw new RangeError(`the history's step is ${stepMs} ms, the observation's ${other} ms: they must be equal`);
  }
  const byService = new Map(history.services.map((s) => [s.service, s]));
  const quantiles = Map.groupBy(input.historyQuantiles ?? [], (q) => q.service);
  const opened = new Map<ServiceId, ReadonlyMap<string, Track>>();
  const open = (service: ServiceId): ReadonlyMap<string, Track> => {
    const known = opened.get(service);
    if (known !== undefined) return known;
    const counts = byService.get(service);
    const one = { ...history, services: counts === undefined ? [] : [counts] };
    const tracks = new Map(tracksOf(one, quantiles.get(service)).map((t) => [t.key, t]));
    opened.set(service, tracks);
    return tracks;
  };
  let positions: readonly number[] | null = null;
  return {
    of(track) {
      const past = open(track.service).get(track.key);
      if (past === undefined) return null;
      positions ??= placeboPositions(history.grid, windows, ownWindow(observation), input.excluded);
      return { track: past, positions };
    },
    requests(service) {
      const counts = byService.get(service);
      return counts === undefined ? null : { n: counts.requests, valid: counts.valid, startMs: history.grid.startMs };
    },
    has: (service) => byService.has(service),
    knownMs(service) {
      const counts = byService.get(service);
      return counts === undefined ? 0 : validSteps(counts.valid) * stepMs;
    },
  };
}
