import type { Observation, Reporter } from "../model/series.ts";
import type { Window } from "../model/units.ts";

/**
 * What of `wanted` is not in `history`: before it, after it, and stretches in which no service has
 * a valid step (never fetched, or the source was blind). Whole steps in the phase of `history`, in
 * order; all of `wanted` when there is no history or its step is another.
 */
export function missingSpans(history: Observation | null, wanted: Window, stepMs: number): readonly Window[] {
  if (wanted.toMs <= wanted.fromMs) return [];
  if (history === null || history.grid.stepMs !== stepMs || history.grid.steps === 0) return [wanted];
  const { grid } = history;
  const phase = (ms: number, round: (n: number) => number): number =>
    grid.startMs + round((ms - grid.startMs) / stepMs) * stepMs;
  const fromMs = phase(wanted.fromMs, Math.floor);
  const toMs = phase(wanted.toMs, Math.ceil);
  const known = (atMs: number): boolean => {
    const step = Math.round((atMs - grid.startMs) / stepMs);
    return step >= 0 && step < grid.steps && history.services.some(({ valid }) => valid[step] === 1);
  };
  const spans: Window[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += stepMs) {
    if (known(atMs)) continue;
    const last = spans.at(-1);
    if (last?.toMs === atMs) spans[spans.length - 1] = { fromMs: last.fromMs, toMs: atMs + stepMs };
    else spans.push({ fromMs: atMs, toMs: atMs + stepMs });
  }
  return spans;
}

/** How each service was read, so that the next window is read alike. */
export function readingsOf(
  history: Observation,
): ReadonlyMap<string, { readonly reporter: Reporter; readonly boundsMs: readonly number[] }> {
  return new Map(
    history.services.map(({ service, reporter, latency }) => [
      service,
      { reporter, boundsMs: latency?.boundsMs ?? [] },
    ]),
  );
}
