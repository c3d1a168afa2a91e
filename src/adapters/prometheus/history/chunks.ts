import { type Grid, stepStartMs } from "../../../core/model/series.ts";
import { HOUR_MS, MINUTE_MS } from "../../../core/model/units.ts";
import type { Session } from "../client/session.ts";
import { fillQuery } from "../signals/promql.ts";
import type { Signals } from "../signals/signals.ts";

/** One request covers so much time … */
const CHUNK_MS = 6 * HOUR_MS;
/** … and at most so many steps: Prometheus refuses more than 11,000 points a series. */
const CHUNK_STEPS = 10_000;
/** Whether there is data is looked at this often. */
const LOOK_MS = 30 * MINUTE_MS;

/** Steps of `stepMs` that the time of one chunk has, however many of them a request may cover. */
export const stepsOfChunk = (stepMs: number): number => Math.ceil(CHUNK_MS / stepMs);

/** Chunks whose borders are whole chunks before the end, oldest first. */
export function chunksOf(grid: Grid): readonly Grid[] {
  const steps = chunkSteps(grid);
  const chunks: Grid[] = [];
  for (let to = grid.steps; to > 0; to -= steps) {
    const from = Math.max(0, to - steps);
    chunks.unshift({ startMs: stepStartMs(grid, from), stepMs: grid.stepMs, steps: to - from });
  }
  return chunks;
}

const chunkSteps = (grid: Grid): number => Math.max(1, Math.min(CHUNK_STEPS, Math.floor(CHUNK_MS / grid.stepMs)));

/** Whether a chunk has any data: a mesh is often younger than the history that is asked for. */
export async function chunksWithData(
  session: Session,
  signals: Signals,
  grid: Grid,
  reporters: string,
): Promise<(chunk: Grid) => boolean> {
  const toMs = stepStartMs(grid, grid.steps);
  const looks = Math.ceil((toMs - grid.startMs) / LOOK_MS);
  const there: number[] = [];
  const query = fillQuery(signals.queries.historyExists, { reporters });
  const span = { fromMs: toMs - looks * LOOK_MS, toMs, stepMs: LOOK_MS };
  await session.range(query, span, (_, { timesMs, n }) => there.push(...timesMs.subarray(0, n)));
  return (chunk) => there.some((atMs) => atMs >= chunk.startMs && atMs <= stepStartMs(chunk, chunk.steps));
}

/** Whether the recording rules were evaluated at both ends of a chunk. */
export async function recordedChunks(
  session: Session,
  signals: Signals,
  grid: Grid,
): Promise<(chunk: Grid) => boolean> {
  if (grid.stepMs !== MINUTE_MS) return () => false;
  const spanMs = chunkSteps(grid) * grid.stepMs;
  const toMs = stepStartMs(grid, grid.steps);
  const fromMs = toMs - Math.ceil((toMs - grid.startMs) / spanMs) * spanMs;
  const there = new Set<number>();
  await session.range(signals.queries.recordedSince, { fromMs, toMs, stepMs: spanMs }, (_, { timesMs, values, n }) => {
    for (let i = 0; i < n; i++) if (values[i]! > 0) there.add(timesMs[i]!);
  });
  return (chunk) => {
    const endMs = stepStartMs(chunk, chunk.steps);
    return there.has(endMs) && there.has(endMs - spanMs);
  };
}
