import type { Grid, Observation } from "../../../core/model/series.ts";
import { HOUR_MS, MINUTE_MS } from "../../../core/model/units.ts";
import type { Readings } from "../../../ports/metrics.ts";
import type { Session } from "../client/session.ts";
import { anyOf, durationMs, fillQuery } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import type { Signals } from "../signals/signals.ts";
import { assemble, chooseReadings } from "./assemble.ts";
import { addDistribution, type Distribution, type HistogramForm, hasNative, nativeAdder } from "./distribution.ts";
import { fetchProofs } from "./evidence.ts";
import { boundsPattern, LatencyBook, type Wanted } from "./latency.ts";
import { countsNotes } from "./notes.ts";
import { type Proof, Tally } from "./tally.ts";

/** How far before the first step a counter is looked for: two scrapes of a minute and some. */
export const LOOKBACK_MS = 150_000;
/** Longest stretch of raw samples asked for at once; a default experiment is half of it. */
const PIECE_MS = 2 * HOUR_MS;
const NO_PROOFS: ReadonlyMap<string, Proof> = new Map();
/** Longest stretch in which latency and traffic are looked at to choose bounds and reporter. */
const DISTRIBUTION_MS = HOUR_MS;

/**
 * Exact counts on `grid` from at most nine requests (more only when the grid is longer than two hours): raw samples of the request and
 * connection counters, differenced here; one look at latency; one range query of the chosen buckets; and, where needed, the reports
 * of services whose callers are outside the mesh, and the past of proxies that were first seen inside the grid. Native histograms take two more.
 * These come as rates: exact but in the step in which a series begins or ends. Raw ones would be some ten times what all else is together.
 */
export async function readCounts(
  session: Session,
  signals: Signals,
  grid: Grid,
  kept: Readings,
  nowMs: number,
): Promise<Observation> {
  const tally = new Tally(grid, signals);
  const distribution: Distribution = new Map();
  const everyone = reporterPattern(signals, REPORTERS);
  const near = reporterPattern(signals, ["source", "waypoint"]);
  const { requests, connections, requestsOf } = signals.queries;
  const { opened, closed, failed } = signals.connections;
  await Promise.all([
    readRaw(session, tally, grid, (range) => fillQuery(requests, { reporters: near, range }), "addRequests"),
    ...[opened, closed, failed].map((metric) => {
      const query = (range: string): string => fillQuery(connections, { metric, reporters: everyone, range });
      return readRaw(session, tally, grid, query, "addConnections");
    }),
    readDistribution(session, signals, distribution, everyone, middleOf(grid)),
  ]);

  const readings = chooseReadings(tally, distribution, kept);
  const outside = [...readings].flatMap(([id, { reporter }]) => (reporter === "destination" ? [id] : []));
  if (outside.length > 0) {
    const reporters = reporterPattern(signals, ["destination"]);
    const names = anyOf(outside.map((id) => id.slice(id.indexOf("/") + 1)));
    const query = (range: string): string => fillQuery(requestsOf, { reporters, names, range });
    await readRaw(session, tally, grid, query, "addRequests");
  }

  const spacingMs = tally.spacingMs() ?? grid.stepMs;
  const endMs = grid.startMs + grid.steps * grid.stepMs;
  const latency = new LatencyBook(grid, signals, readings);
  const suspects = tally.suspects();
  const [proofs] = await Promise.all([
    suspects.length === 0
      ? NO_PROOFS
      : fetchProofs(session, signals, suspects, endMs, endMs - grid.startMs + LOOKBACK_MS),
    readLatency(session, signals, grid, latency, readings, spacingMs),
  ]);
  const unproven = tally.settle(proofs);
  return {
    grid,
    services: assemble(tally, grid, readings, latency, spacingMs),
    sourceRequests: session.requests(),
    notes: [...countsNotes({ tally, grid, readings, distribution, spacingMs, unproven, nowMs })],
  };
}

/** Reads raw counters into `tally`, in pieces that each begin with the last samples of the one before. */
export async function readRaw(
  session: Session,
  tally: Tally,
  grid: Grid,
  query: (range: string) => string,
  method: "addRequests" | "addConnections",
): Promise<void> {
  const endMs = grid.startMs + grid.steps * grid.stepMs;
  for (let fromMs = grid.startMs; fromMs < endMs; fromMs += PIECE_MS) {
    const toMs = Math.min(fromMs + PIECE_MS, endMs);
    const range = durationMs(toMs - fromMs + LOOKBACK_MS);
    await session.raw(query(range), toMs, (labels, samples) => tally[method](labels, samples, fromMs));
  }
}

/** One look at latency buckets and at who reports how much, over `spanMs` until `atMs`. */
export async function readDistribution(
  session: Session,
  signals: Signals,
  into: Distribution,
  reporters: string,
  { atMs, spanMs }: { readonly atMs: number; readonly spanMs: number },
): Promise<void> {
  const values = { reporters, range: durationMs(spanMs) };
  addDistribution(into, await session.rows(fillQuery(signals.queries.distribution, values), atMs), signals);
  if (!hasNative(into)) return;
  const moment = { fromMs: atMs, toMs: atMs, stepMs: spanMs };
  await session.range(fillQuery(signals.queries.native, values), moment, nativeAdder(into, spanMs, signals));
}

async function readLatency(
  session: Session,
  signals: Signals,
  grid: Grid,
  latency: LatencyBook,
  readings: Wanted,
  spacingMs: number,
): Promise<void> {
  const range = durationMs(overlapMs(grid.stepMs, spacingMs));
  const ask = async (form: HistogramForm): Promise<void> => {
    const wanted = [...readings].filter(([, reading]) => reading.form === form && reading.boundsMs.length > 0);
    if (wanted.length === 0) return;
    const seen = REPORTERS.filter((one) => wanted.some(([, { reporter }]) => reporter === one));
    const values = { reporters: reporterPattern(signals, seen), range };
    const { slow, native } = signals.queries;
    const query =
      form === "native"
        ? fillQuery(native, values)
        : fillQuery(slow, { ...values, bounds: boundsPattern(new Map(wanted)) });
    await session.range(query, stepEnds(grid), form === "native" ? latency.addNative : latency.add);
  };
  await Promise.all([ask("classic"), ask("native")]);
}

/**
 * A window of one step and one scrape, so that windows share exactly one sample of each counter; a millisecond less, because up to
 * Prometheus 2 a window includes both its ends. Since Prometheus 3 it leaves out its first, so that a proxy that is scraped in the very
 * millisecond after a step's beginning (one of 15,000) is a scrape short: slow requests and all, so their share stays what it is.
 */
export const overlapMs = (stepMs: number, spacingMs: number): number => stepMs + spacingMs - 1;

/** Evaluation times for a range query: the end of every step. */
export const stepEnds = (grid: Grid): { fromMs: number; toMs: number; stepMs: number } => ({
  fromMs: grid.startMs + grid.stepMs,
  toMs: grid.startMs + grid.steps * grid.stepMs,
  stepMs: grid.stepMs,
});

/** The first half of the grid: whatever happens in an experiment happens in the second. */
function middleOf(grid: Grid): { atMs: number; spanMs: number } {
  const half = Math.ceil(grid.steps / 2) * grid.stepMs;
  return { atMs: grid.startMs + half, spanMs: Math.max(MINUTE_MS, Math.min(half, DISTRIBUTION_MS)) };
}
