import type { ServiceId } from "../model/cluster.ts";
import { type Counts, type Observation, type ServiceCounts, stepStartMs } from "../model/series.ts";
import { DAY_MS, MINUTE_MS, SECOND_MS, type Window } from "../model/units.ts";
import { quantileOf } from "../stats/quantile.ts";

/** The band is given for pieces of this length. */
const PIECE_MS = 5 * MINUTE_MS;
/** So much earlier and later a step of another day is still of this hour. */
const HOUR_REACH_MS = 30 * MINUTE_MS;
/** Nine of ten quiet steps lie within. */
const [LOW, HIGH] = [0.05, 0.95];
/** Quantiles so far out of fewer steps than this say nothing. */
const LEAST_STEPS = 60;
/** Of fewer days nobody can say what is usual at an hour. */
const LEAST_DAYS = 2;

/**
 * What is normal for one signal of one service: between `low[i]` and `high[i]` in the piece that
 * begins at `fromMs + i · pieceMs`; null where too little is known.
 */
export interface SignalBand {
  readonly fromMs: number;
  readonly pieceMs: number;
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

export interface ServiceBands {
  readonly service: ServiceId;
  /** Days of the history that it rests on. */
  readonly days: number;
  /** Share of failed requests. */
  readonly failures: SignalBand;
  /** Requests a second. */
  readonly rate: SignalBand;
  /** Share of answers slower than `boundMs`. */
  readonly latency: readonly (SignalBand & { readonly boundMs: number })[];
}

/**
 * What is normal for `services` at the hours of `window`, by the same hours of the days before,
 * half an hour to either side. Steps of `excluded` were no quiet ones. A service with too little
 * history is left out.
 */
export function bandsOf(
  history: Observation | null,
  services: readonly ServiceId[],
  window: Window,
  excluded: readonly Window[],
): readonly ServiceBands[] {
  if (history === null) return [];
  const known = history.services.filter(({ service }) => services.includes(service));
  const pieces = Array.from({ length: Math.ceil((window.toMs - window.fromMs) / PIECE_MS) }, (_, i) =>
    stepsLike(history, window.fromMs + (i + 0.5) * PIECE_MS, window.fromMs, excluded),
  );
  return known.flatMap((one) => bandsOfOne(one, pieces, { fromMs: window.fromMs, stepMs: history.grid.stepMs }));
}

/** Steps of earlier days within half an hour of the same time of day, with the day of each. */
function stepsLike(
  { grid }: Observation,
  atMs: number,
  beforeMs: number,
  excluded: readonly Window[],
): readonly (readonly [step: number, day: number])[] {
  const found: (readonly [number, number])[] = [];
  for (let day = 1; atMs - day * DAY_MS + HOUR_REACH_MS > grid.startMs; day++) {
    const middleMs = atMs - day * DAY_MS;
    const first = Math.max(0, Math.ceil((middleMs - HOUR_REACH_MS - grid.startMs) / grid.stepMs));
    const last = Math.min(grid.steps - 1, Math.floor((middleMs + HOUR_REACH_MS - grid.startMs) / grid.stepMs));
    for (let step = first; step <= last; step++) {
      const startMs = stepStartMs(grid, step);
      const quiet = excluded.every(({ fromMs, toMs }) => startMs + grid.stepMs <= fromMs || startMs >= toMs);
      if (quiet && startMs + grid.stepMs <= beforeMs) found.push([step, day]);
    }
  }
  return found;
}

function bandsOfOne(
  { service, requests, failures, latency, valid }: ServiceCounts,
  pieces: readonly (readonly (readonly [step: number, day: number])[])[],
  { fromMs, stepMs }: { readonly fromMs: number; readonly stepMs: number },
): ServiceBands[] {
  const own = pieces.map((steps) => steps.filter(([step]) => valid[step] === 1));
  const days = Math.max(0, ...own.map((steps) => new Set(steps.map(([, day]) => day)).size));
  if (days < LEAST_DAYS) return [];
  const band = (valueAt: (step: number) => number): SignalBand => {
    const values = own.map((steps) => steps.map(([step]) => valueAt(step)).filter(Number.isFinite));
    const at = (q: number) => values.map((all) => (all.length < LEAST_STEPS ? null : short(quantileOf(all, q))));
    return { fromMs, pieceMs: PIECE_MS, low: at(LOW), high: at(HIGH) };
  };
  const shareOf = (part: Counts | undefined, whole: Counts) => (step: number) =>
    (part?.[step] ?? 0) / (whole[step] ?? 0);
  return [
    {
      service,
      days,
      failures: band(shareOf(failures, requests)),
      rate: band((step) => ((requests[step] ?? 0) * SECOND_MS) / stepMs),
      latency: (latency?.boundsMs ?? []).map((boundMs, row) => ({
        boundMs,
        ...band(shareOf(latency?.slow[row], latency?.successes ?? requests)),
      })),
    },
  ];
}

/** A picture needs no more digits. */
const short = (value: number): number => Number(value.toPrecision(4));
