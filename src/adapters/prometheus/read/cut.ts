import { type Grid, stepStartMs } from "../../../core/model/series.ts";
import { MINUTE_MS } from "../../../core/model/units.ts";
import { QueryTooLarge } from "../client/errors.ts";
import type { OnSeries } from "../client/matrix-reader.ts";
import type { Session } from "../client/session.ts";
import type { Span } from "../client/steps.ts";
import { withMatchers } from "../signals/matchers.ts";
import { anyOf } from "../signals/promql.ts";
import type { Signals } from "../signals/signals.ts";

/**
 * Raw samples of less than this are not cut in time again: each piece also reaches back some
 * scrapes.
 */
const SHORTEST_RAW_MS = 2 * MINUTE_MS;

/** What is needed to cut a query: its services are asked for when time alone does not help. */
export interface Cutter {
  readonly session: Session;
  readonly signals: Signals;
}

/**
 * Runs `ask` for everything, or, when the server finds that too large, for half of the services at
 * a time.
 */
async function byServices(
  { session, signals }: Cutter,
  atMs: number,
  ask: (matchers: readonly string[]) => Promise<void>,
): Promise<void> {
  const parts = async (names: readonly string[]): Promise<void> => {
    try {
      await ask([`${signals.labels.serviceName}=~"${anyOf(names)}"`]);
    } catch (cause) {
      if (!(cause instanceof QueryTooLarge) || names.length < 2) throw cause;
      const half = names.length >> 1;
      await parts(names.slice(0, half));
      await parts(names.slice(half));
    }
  };
  try {
    await ask([]);
  } catch (cause) {
    if (!(cause instanceof QueryTooLarge)) throw cause;
    const rows = await session.rows(signals.queries.serviceNames, atMs);
    const names = [...new Set(rows.flatMap(({ labels }) => labels[signals.labels.serviceName] ?? []))].sort();
    if (names.length < 2) throw cause;
    const half = names.length >> 1;
    await parts(names.slice(0, half));
    await parts(names.slice(half));
  }
}

/**
 * Cuts `[fromMs, toMs)` in halves for as long as the server finds it too large, then its services.
 */
export async function rawInPieces(
  cutter: Cutter,
  window: { readonly fromMs: number; readonly toMs: number },
  query: (fromMs: number, toMs: number) => string,
  add: OnSeries,
): Promise<void> {
  const { fromMs, toMs } = window;
  const ask = (matchers: readonly string[]): Promise<void> =>
    cutter.session.raw(withMatchers(query(fromMs, toMs), matchers), toMs, add);
  if (toMs - fromMs < 2 * SHORTEST_RAW_MS) return byServices(cutter, toMs, ask);
  try {
    await ask([]);
  } catch (cause) {
    if (!(cause instanceof QueryTooLarge)) throw cause;
    const middleMs = Math.round((fromMs + toMs) / 2);
    await rawInPieces(cutter, { fromMs, toMs: middleMs }, query, add);
    await rawInPieces(cutter, { fromMs: middleMs, toMs }, query, add);
  }
}

/**
 * Asks for values at the ends of all steps, in halves where the server finds that too large, then
 * by services.
 */
export async function stepsInPieces(cutter: Cutter, query: string, grid: Grid, add: OnSeries): Promise<void> {
  const span = stepEnds(grid);
  const ask = (matchers: readonly string[]): Promise<void> =>
    cutter.session.range(withMatchers(query, matchers), span, add);
  if (grid.steps < 2) return byServices(cutter, span.toMs, ask);
  try {
    await ask([]);
  } catch (cause) {
    if (!(cause instanceof QueryTooLarge)) throw cause;
    const half = grid.steps >> 1;
    await stepsInPieces(cutter, query, { ...grid, steps: half }, add);
    const rest = { ...grid, startMs: stepStartMs(grid, half), steps: grid.steps - half };
    await stepsInPieces(cutter, query, rest, add);
  }
}

/**
 * Asks over `spanMs`, or over less for as long as the server finds that too large, then by
 * services; answers the span.
 */
export async function overLess(
  cutter: Cutter,
  { atMs, spanMs }: { readonly atMs: number; readonly spanMs: number },
  ask: (spanMs: number, matchers: readonly string[]) => Promise<void>,
): Promise<void> {
  if (spanMs < 2 * SHORTEST_RAW_MS) return byServices(cutter, atMs, (matchers) => ask(spanMs, matchers));
  try {
    await ask(spanMs, []);
  } catch (cause) {
    if (!(cause instanceof QueryTooLarge)) throw cause;
    await overLess(cutter, { atMs, spanMs: Math.round(spanMs / 2) }, ask);
  }
}

/** Evaluation times for a range query: the end of every step. */
export const stepEnds = (grid: Grid): Span => ({
  fromMs: grid.startMs + grid.stepMs,
  toMs: grid.startMs + grid.steps * grid.stepMs,
  stepMs: grid.stepMs,
});
