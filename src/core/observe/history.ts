import {
  type ConnectionCounts,
  type Grid,
  type LatencyCounts,
  type Observation,
  type Reporter,
  type ServiceCounts,
  stepStartMs,
} from "../model/series.ts";
import type { Window } from "../model/units.ts";

const endOf = (grid: Grid): number => stepStartMs(grid, grid.steps);

/**
 * What of `wanted` is not in `history`: before it, after it, and stretches in which no service has a valid step (never fetched, or the source was
 * blind). Whole steps in the phase of `history`, in order; all of `wanted` when there is no history or its step is another.
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

/**
 * `older` and `newer` on one grid. Where both have a valid step, `newer` is right. A service that is read by another reporter now keeps only
 * what is newer; with other latency bounds its older latency counts nothing. Grids of different step or phase cannot be joined: then `newer` alone.
 */
export function appendHistory(older: Observation, newer: Observation): Observation {
  const { stepMs } = newer.grid;
  if (older.grid.stepMs !== stepMs || (older.grid.startMs - newer.grid.startMs) % stepMs !== 0) return newer;
  const startMs = Math.min(older.grid.startMs, newer.grid.startMs);
  const steps = Math.round((Math.max(endOf(older.grid), endOf(newer.grid)) - startMs) / stepMs);
  const grid: Grid = { startMs, stepMs, steps };
  const olderByName = new Map(older.services.map((one) => [one.service, one]));
  const newerNames = new Set(newer.services.map(({ service }) => service));
  const services = [
    ...newer.services.map((one) => {
      const before = olderByName.get(one.service);
      const kept = before !== undefined && before.reporter === one.reporter ? before : null;
      return joined(grid, kept && { counts: kept, grid: older.grid }, { counts: one, grid: newer.grid });
    }),
    ...older.services
      .filter(({ service }) => !newerNames.has(service))
      .map((one) => joined(grid, null, { counts: one, grid: older.grid })),
  ];
  services.sort((a, b) => (a.service < b.service ? -1 : 1));
  const notes = [...new Set([...older.notes, ...newer.notes])];
  return { grid, services, sourceRequests: newer.sourceRequests, notes };
}

/** The part of `history` from `fromMs` on (in whole steps); services without a valid step in it are gone. */
export function trimHistory(history: Observation, fromMs: number): Observation {
  const { startMs, stepMs, steps } = history.grid;
  const cut = Math.min(steps, Math.max(0, Math.ceil((fromMs - startMs) / stepMs)));
  if (cut === 0) return history;
  const part = (series: Float64Array): Float64Array => series.slice(cut);
  const services = history.services.map(
    (one): ServiceCounts => ({
      ...one,
      requests: part(one.requests),
      failures: part(one.failures),
      latency: one.latency && {
        boundsMs: one.latency.boundsMs,
        successes: part(one.latency.successes),
        slow: one.latency.slow.map(part),
      },
      connections: one.connections && {
        opened: part(one.connections.opened),
        closed: part(one.connections.closed),
        failed: part(one.connections.failed),
      },
      valid: one.valid.slice(cut),
    }),
  );
  const grid: Grid = { startMs: startMs + cut * stepMs, stepMs, steps: steps - cut };
  return { ...history, grid, services: services.filter(({ valid }) => valid.includes(1)) };
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

interface Part {
  readonly counts: ServiceCounts;
  readonly grid: Grid;
}

function joined(grid: Grid, older: Part | null, newer: Part): ServiceCounts {
  const parts = older === null ? [newer] : [older, newer];
  const valid = new Uint8Array(grid.steps);
  /** For each step the part that tells of it: the newest that is valid there. */
  const teller = new Uint8Array(grid.steps);
  parts.forEach((part, p) => {
    const offset = Math.round((part.grid.startMs - grid.startMs) / grid.stepMs);
    part.counts.valid.forEach((ok, i) => {
      if (ok !== 1 && valid[offset + i] === 1) return;
      valid[offset + i] = ok;
      teller[offset + i] = p + 1;
    });
  });
  const merge = (pick: (counts: ServiceCounts) => Float64Array | undefined): Float64Array => {
    const series = parts.map(({ counts }) => pick(counts));
    const offsets = parts.map((part) => Math.round((part.grid.startMs - grid.startMs) / grid.stepMs));
    return Float64Array.from(teller, (p, i) => (p === 0 ? 0 : (series[p - 1]?.[i - offsets[p - 1]!] ?? 0)));
  };
  const { counts } = newer;
  const bounds = counts.latency?.boundsMs ?? older?.counts.latency?.boundsMs ?? null;
  const sameBounds = (latency: LatencyCounts | null): LatencyCounts | undefined =>
    latency !== null && bounds !== null && latency.boundsMs.join() === bounds.join() ? latency : undefined;
  const tcp = parts.some((part) => part.counts.connections !== null);
  const connection = (key: keyof ConnectionCounts) => merge((one) => one.connections?.[key]);
  return {
    service: counts.service,
    reporter: counts.reporter,
    requests: merge((one) => one.requests),
    failures: merge((one) => one.failures),
    latency: bounds && {
      boundsMs: bounds,
      successes: merge((one) => sameBounds(one.latency)?.successes),
      slow: bounds.map((_, k) => merge((one) => sameBounds(one.latency)?.slow[k])),
    },
    connections: tcp
      ? { opened: connection("opened"), closed: connection("closed"), failed: connection("failed") }
      : null,
    valid,
    flags: summed(parts.map((part) => part.counts.flags)),
  };
}

function summed(maps: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const map of maps) for (const [flag, n] of Object.entries(map)) sum[flag] = (sum[flag] ?? 0) + n;
  return sum;
}
