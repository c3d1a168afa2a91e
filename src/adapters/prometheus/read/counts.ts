import type { Grid, Observation } from "../../../core/model/series.ts";
import { HOUR_MS, MINUTE_MS } from "../../../core/model/units.ts";
import type { Readings } from "../../../ports/metrics.ts";
import { type Matchers, withMatchers } from "../signals/matchers.ts";
import { type SuccessTable, successTables } from "../signals/own-failures.ts";
import { anyOf, durationMs, fillQuery } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import type { Signals } from "../signals/signals.ts";
import { assemble, chooseReadings, servedOutside } from "./assemble.ts";
import { type Cutter, overLess, rawInPieces, stepsInPieces } from "./cut.ts";
import {
  addDistribution,
  addLook,
  type Distribution,
  type HistogramForm,
  hasNative,
  nativeAdder,
} from "./distribution.ts";
import { fetchProofs } from "./evidence.ts";
import { boundsPattern, LatencyBook, type Wanted } from "./latency.ts";
import { leaveOut, type Matching } from "./leave-out.ts";
import { countsNotes } from "./notes.ts";
import { type Proof, Tally } from "./tally.ts";
import { codesOf, unreadOf, whyNothing } from "./unread.ts";

/** How far before the first step a counter is looked for: two scrapes of a minute and some. */
export const LOOKBACK_MS = 150_000;
/** Longest stretch of raw samples asked for at once; a default experiment is half of it. */
const PIECE_MS = 2 * HOUR_MS;
/** No matcher at all. */
export const EVERYTHING: readonly Matching[] = [[]];
const NO_PROOFS: ReadonlyMap<string, Proof> = new Map();
/** Longest stretch in which latency and traffic are looked at to choose bounds and reporter. */
const DISTRIBUTION_MS = HOUR_MS;

/** Whom a reading asks, and for what. */
export interface From extends Cutter {
  /** Labels that the configuration adds to every selector. */
  readonly matchers: Matchers;
}

/**
 * Exact counts on `grid` from at most nine requests (more only when the grid is longer than two
 * hours, or when the server finds a query too large): raw samples of the request and connection
 * counters, differenced here; one look at latency; one range query of the chosen buckets; and,
 * where needed, the reports of services whose callers are outside the mesh, and the past of proxies
 * that were first seen inside the grid. Native histograms take two more. These come as rates: exact
 * but in the step in which a series begins or ends. Raw ones would be some ten times what all else
 * is together.
 */
export async function readCounts(from: From, grid: Grid, kept: Readings, nowMs: number): Promise<Observation> {
  const { session, signals, matchers } = from;
  const tally = new Tally(grid, signals);
  const distribution: Distribution = new Map();
  const everyone = reporterPattern(signals, REPORTERS);
  const near = reporterPattern(signals, ["source", "waypoint"]);
  const { requests, connections } = signals.queries;
  const { opened, closed, failed } = signals.connections;
  await Promise.all([
    readRaw(from, tally, grid, (range) => fillQuery(requests, { reporters: near, range }), "addRequests"),
    ...[opened, closed, failed].map((metric) => {
      const query = (range: string): string => fillQuery(connections, { metric, reporters: everyone, range });
      return readRaw(from, tally, grid, query, "addConnections");
    }),
  ]);
  tally.count();
  // Who is scraped twice is seen in full only with those who report what they serve.
  const inFull = tally.copies.mixed.length > 0;
  if (inFull) {
    const reporters = reporterPattern(signals, ["destination"]);
    await readRaw(from, tally, grid, (range) => fillQuery(requests, { reporters, range }), "addRequests");
    tally.count();
  }
  const without = leaveOut(tally.copies);
  await readDistribution(from, distribution, everyone, middleOf(grid), without ?? EVERYTHING);
  const readings = chooseReadings(tally, distribution, kept);
  if (!inFull && (await readOutside(from, tally, grid, readings))) tally.count();

  const spacingMs = tally.spacingMs() ?? grid.stepMs;
  const endMs = grid.startMs + grid.steps * grid.stepMs;
  const latency = new LatencyBook(grid, signals, readings);
  const suspects = tally.suspects();
  const [proofs] = await Promise.all([
    suspects.length === 0
      ? NO_PROOFS
      : fetchProofs(session, signals, suspects, endMs, endMs - grid.startMs + LOOKBACK_MS),
    readLatency(from, grid, latency, readings, { spacingMs, without: without ?? EVERYTHING }),
  ]);
  const unproven = tally.settle(proofs);
  const { copies } = tally;
  const everything = whyNothing(tally, matchers, signals);
  const facts = {
    everything,
    copies,
    readings,
    distribution,
    codes: codesOf(signals),
    cannotLeaveOut: without === null,
  };
  return {
    grid,
    services: assemble(tally, grid, readings, {
      spacingMs,
      latency,
      unread: (service, accounts) => unreadOf(service, accounts, facts),
    }),
    sourceRequests: session.requests(),
    notes: [
      ...(everything === null ? [] : [`${everything}.`]),
      ...countsNotes({ tally, grid, readings, distribution, spacingMs, unproven, nowMs }),
    ],
  };
}

/** Reads the reports of services' own proxies where these are believed; whether there are any. */
async function readOutside(from: From, tally: Tally, grid: Grid, readings: Wanted): Promise<boolean> {
  const outside = servedOutside(readings);
  if (outside.length === 0) return false;
  const reporters = reporterPattern(from.signals, ["destination"]);
  const names = anyOf(outside.map((id) => id.slice(id.indexOf("/") + 1)));
  const query = (range: string): string => fillQuery(from.signals.queries.requestsOf, { reporters, names, range });
  await readRaw(from, tally, grid, query, "addRequests");
  return true;
}

/**
 * Reads raw counters into `tally`, in pieces that each begin with the last samples of the one
 * before.
 */
export async function readRaw(
  from: Cutter,
  tally: Tally,
  grid: Grid,
  query: (range: string) => string,
  method: "addRequests" | "addConnections",
): Promise<void> {
  const endMs = grid.startMs + grid.steps * grid.stepMs;
  for (let fromMs = grid.startMs; fromMs < endMs; fromMs += PIECE_MS) {
    const window = { fromMs, toMs: Math.min(fromMs + PIECE_MS, endMs) };
    const ranged = (sinceMs: number, toMs: number): string => query(durationMs(toMs - sinceMs + LOOKBACK_MS));
    await rawInPieces(from, window, ranged, (labels, samples) => tally[method](labels, samples));
  }
}

/** One look at latency buckets and at who reports how much, over `spanMs` until `atMs`. */
export async function readDistribution(
  from: Cutter,
  into: Distribution,
  reporters: string,
  { atMs, spanMs }: { readonly atMs: number; readonly spanMs: number },
  without: readonly Matching[],
): Promise<void> {
  const { session, signals } = from;
  const { distribution, native } = signals.queries;
  const look: Distribution = new Map();
  for (const { values, matching, takes } of byTable(distribution, without, signals)) {
    await overLess(from, { atMs, spanMs }, async (overMs, matchers) => {
      const query = fillQuery(distribution, { reporters, range: durationMs(overMs), ...values });
      const rows = await session.rows(withMatchers(query, [...matching, ...matchers]), atMs);
      const own = rows.filter(({ labels }) => takes(labels));
      addDistribution(look, own, signals, spanMs / overMs);
    });
  }
  for (const { values, matching, takes } of hasNative(look) ? byTable(native, without, signals) : []) {
    await overLess(from, { atMs, spanMs }, async (overMs, matchers) => {
      const moment = { fromMs: atMs, toMs: atMs, stepMs: overMs };
      const query = fillQuery(native, { reporters, range: durationMs(overMs), callers: "", ...values });
      const add = nativeAdder(look, spanMs, signals);
      await session.range(withMatchers(query, [...matching, ...matchers]), moment, (labels, samples) => {
        if (takes(labels)) add(labels, samples);
      });
    });
  }
  addLook(into, look);
}

/** Latency of everybody, and of services whose callers are not all read from the same proxies. */
async function readLatency(
  from: From,
  grid: Grid,
  latency: LatencyBook,
  readings: Wanted,
  { spacingMs, without }: { readonly spacingMs: number; readonly without: readonly Matching[] },
): Promise<void> {
  const { signals } = from;
  const { slow, native } = signals.queries;
  const range = durationMs(overlapMs(grid.stepMs, spacingMs));
  const ask = async (form: HistogramForm, by: "service" | "caller"): Promise<void> => {
    const wanted = new Map(
      [...readings].filter(
        ([, one]) =>
          one.form === form && one.boundsMs.length > 0 && (one.callers.size > 0 ? "caller" : "service") === by,
      ),
    );
    if (wanted.size === 0) return;
    const seen = new Set([...wanted.values()].flatMap(({ reporter, callers }) => [reporter, ...callers.values()]));
    const values = {
      reporters: reporterPattern(signals, [...seen]),
      range,
      callers: by === "caller" ? callerLabels(signals) : "",
    };
    const text = form === "native" ? native : slow;
    const names = [...wanted.keys()].map((id) => id.slice(id.indexOf("/") + 1));
    const these = by === "caller" ? [`${signals.labels.serviceName}=~"${anyOf(names)}"`] : [];
    const add = latency.adder(form, by);
    for (const { values: table, matching, takes } of byTable(text, without, signals)) {
      const query = fillQuery(text, { ...values, ...table, bounds: boundsPattern(wanted) });
      await stepsInPieces(from, withMatchers(query, [...matching, ...these]), grid, (labels, samples) => {
        if (takes(labels)) add(labels, samples);
      });
    }
  };
  await Promise.all((["classic", "native"] as const).flatMap((form) => [ask(form, "service"), ask(form, "caller")]));
}

/**
 * A query of latency for each table of failures and each list of matchers; what they answer has no
 * series in common.
 */
export const byTable = (query: string, without: readonly Matching[], signals: Signals): readonly SuccessTable[] =>
  successTables(signals, query).flatMap((table) =>
    without.map((matching) => ({ ...table, matching: [...table.matching, ...matching] })),
  );

/** More labels to group by. */
export const callerLabels = ({ labels: { callerNamespace, callerName } }: Signals): string =>
  `,${callerNamespace},${callerName}`;

/**
 * A window of one step and one scrape, so that windows share exactly one sample of each counter; a
 * millisecond less, because up to Prometheus 2 a window includes both its ends. Since Prometheus 3
 * it leaves out its first, so that a proxy that is scraped in the very millisecond after a step's
 * beginning (one of 15,000) is a scrape short: slow requests and all, so their share stays what it
 * is.
 */
export const overlapMs = (stepMs: number, spacingMs: number): number => stepMs + spacingMs - 1;

/** The first half of the grid: whatever happens in an experiment happens in the second. */
function middleOf(grid: Grid): { atMs: number; spanMs: number } {
  const half = Math.ceil(grid.steps / 2) * grid.stepMs;
  return { atMs: grid.startMs + half, spanMs: Math.max(MINUTE_MS, Math.min(half, DISTRIBUTION_MS)) };
}
