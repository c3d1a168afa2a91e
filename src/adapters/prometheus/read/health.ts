import { AftershockError, describeError } from "../../../core/model/error.ts";
import { MINUTE_MS, SECOND_MS } from "../../../core/model/units.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { MetricsHealth } from "../../../ports/metrics.ts";

import type { Row } from "../client/instant.ts";
import type { Session } from "../client/session.ts";
import type { Matchers } from "../signals/matchers.ts";
import { durationMs, fillQuery, quoted, wholePattern } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import type { Signals } from "../signals/signals.ts";
import { ClusterValues } from "./clusters.ts";
import { listed } from "./notes.ts";
import { whichCluster } from "./unread.ts";

/** The mesh's samples may be this old, or three scrapes. */
const STALE_MS = 2 * MINUTE_MS;
/** Clocks that differ more would put an injection into the wrong step. */
const MAX_SKEW_MS = 30 * SECOND_MS;
/**
 * Samples are counted over so long to tell the scrape interval: first the short time, which a young
 * mesh has, then the long one.
 */
const SCRAPES_MS = [MINUTE_MS, 5 * MINUTE_MS] as const;
/** Fewer samples do not tell an interval, unless nothing longer is left to look at. */
const ENOUGH_SAMPLES = 3;
/** Intervals that people configure; an estimate this near to one (share of it) is it. */
const USUAL_INTERVALS_MS = [1, 2, 3, 5, 10, 15, 20, 30, 60, 120].map((seconds) => seconds * SECOND_MS);
const NEAR = 0.1;

/**
 * Whether what Prometheus says can be believed now; what is wrong is one sentence with what to do
 * next.
 */
export async function readHealth(
  session: Session,
  signals: Signals,
  clock: Clock,
  matchers: Matchers = {},
): Promise<MetricsHealth> {
  const nothing = { scrapeIntervalMs: null, clockSkewMs: 0, services: 0 };
  try {
    const clockSkewMs = await readSkew(session, signals, clock);
    const nowMs = clock.nowMs();
    const reporters = await session.rows(signals.queries.reporters, nowMs);
    const missing = whatIsMissing(
      reporters.map(({ labels }) => labels[signals.labels.reporter]),
      signals,
    );
    const renamed = reporters.length === 0 ? await otherNames(session, signals, nowMs) : null;
    const blindBecause = renamed ?? missing ?? severalClusters(reporters, signals, matchers);
    if (blindBecause !== null) return { ...nothing, blind: blindBecause, clockSkewMs };
    const everyone = reporterPattern(signals, REPORTERS);
    const [services, newest, scrapeIntervalMs] = await Promise.all([
      session.rows(fillQuery(signals.queries.services, { reporters: everyone }), nowMs),
      session.rows(signals.queries.newest, nowMs),
      readScrapeInterval(session, signals, nowMs),
    ]);
    const ageMs = nowMs - (newest[0]?.value ?? Number.NaN) * SECOND_MS;
    const blind = staleness(ageMs, scrapeIntervalMs) ?? skewProblem(clockSkewMs);
    return { blind, scrapeIntervalMs, clockSkewMs, services: services[0]?.value ?? 0 };
  } catch (cause) {
    if (!(cause instanceof AftershockError)) throw cause;
    return { ...nothing, blind: describeError(cause) };
  }
}

/** Usual time between scrapes, ms, at `atMs`; null when there are too few samples to tell. */
export async function readScrapeInterval(session: Session, signals: Signals, atMs: number): Promise<number | null> {
  let estimateMs: number | null = null;
  let before = 0;
  for (const spanMs of SCRAPES_MS) {
    const rows = await session.rows(fillQuery(signals.queries.scrapes, { range: durationMs(spanMs) }), atMs);
    const samples = rows[0]?.value ?? 0;
    // No more samples in a longer time: the proxies are younger, so the count tells no spacing.
    if (samples > 0 && samples === before) return null;
    if (samples >= 2) estimateMs = spanMs / samples;
    if (samples >= ENOUGH_SAMPLES) break;
    before = samples;
  }
  if (estimateMs === null) return null;
  const near = (usualMs: number): boolean => Math.abs(estimateMs - usualMs) <= NEAR * usualMs;
  return USUAL_INTERVALS_MS.find(near) ?? Math.round(estimateMs);
}

/** The server's clock minus ours: its answer was made between our two looks at the clock. */
async function readSkew(session: Session, signals: Signals, clock: Clock): Promise<number> {
  const beforeMs = clock.nowMs();
  const rows = await session.rows(signals.queries.now, null);
  const afterMs = clock.nowMs();
  const serverMs = (rows[0]?.value ?? Number.NaN) * SECOND_MS;
  if (serverMs < beforeMs) return Math.round(serverMs - beforeMs);
  return serverMs > afterMs ? Math.round(serverMs - afterMs) : 0;
}

/**
 * What to change where the request counter has another name; null where there is none that is like
 * it, and where the server does not look for names.
 */
async function otherNames(session: Session, { renamed }: Signals, nowMs: number): Promise<string | null> {
  if (renamed === undefined) return null;
  const selector = `{__name__=~${quoted(wholePattern(renamed.matches))}}`;
  const query = `label_replace(count by (__name__) (${selector}), "name", "$1", "__name__", "(.+)")`;
  try {
    const rows = await session.rows(query, nowMs);
    const names = rows.map(({ labels }) => labels.name ?? "").filter((name) => name !== "");
    if (names.length === 0) return null;
    return `Prometheus has no ${renamed.name}, and ${listed(names)} instead: something on the way renames metrics (of an OpenTelemetry collector: set add_metric_suffixes: false in its exporter), or keeps sums only; else name it in a signals file of your own.`;
  } catch (cause) {
    if (!(cause instanceof AftershockError)) throw cause;
    return null;
  }
}

function whatIsMissing(
  reporters: readonly (string | undefined)[],
  { reporters: known, labels, mesh }: Signals,
): string | null {
  if (reporters.length === 0) {
    return `Prometheus has no request counter of ${mesh}: see whether it scrapes the proxies (pod annotation prometheus.io/scrape, or a PodMonitor), and whether there is any traffic.`;
  }
  const values = Object.values(known);
  if (reporters.some((value) => value !== undefined && values.includes(value))) return null;
  return `The request counter has no label ${labels.reporter} (${values.join(", ")}): take it out of labeldrop and metricRelabelings of the scrape configuration.`;
}

function severalClusters(rows: readonly Row[], signals: Signals, matchers: Matchers): string | null {
  const values = new ClusterValues(signals);
  for (const { labels } of rows) values.add(labels);
  const why = whichCluster(values.seen, matchers, signals);
  return why === null ? null : `${why}.`;
}

function staleness(ageMs: number, scrapeIntervalMs: number | null): string | null {
  if (ageMs <= Math.max(STALE_MS, 3 * (scrapeIntervalMs ?? 0))) return null;
  const age = Number.isFinite(ageMs) ? `${Math.round(ageMs / SECOND_MS)} s old` : "missing";
  return `The newest sample of the mesh is ${age}: see the targets page of Prometheus for why the proxies are not scraped.`;
}

function skewProblem(clockSkewMs: number): string | null {
  if (!(Math.abs(clockSkewMs) > MAX_SKEW_MS)) return null;
  const seconds = Math.round(Math.abs(clockSkewMs) / SECOND_MS);
  return `Prometheus' clock is ${seconds} s ${clockSkewMs > 0 ? "ahead of" : "behind"} ours: synchronise them (NTP), or effects are put into the wrong step.`;
}
