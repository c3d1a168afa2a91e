import { type Grid, type Observation, stepStartMs } from "../../../core/model/series.ts";
import { DAY_MS, MINUTE_MS } from "../../../core/model/units.ts";
import type { Readings } from "../../../ports/metrics.ts";
import { chooseReadings } from "../read/assemble.ts";
import { type From, readDistribution, readRaw } from "../read/counts.ts";
import type { Distribution } from "../read/distribution.ts";
import { readScrapeInterval } from "../read/health.ts";
import { leaveOut, type Matching } from "../read/leave-out.ts";
import { Tally } from "../read/tally.ts";
import { whyNothing } from "../read/unread.ts";
import { fillQuery } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import { HistoryReading } from "./history-reading.ts";

/** Looks at latency in the newest day, from which bounds are chosen. */
const LOOKS = 4;
const LOOK_MS = 30 * MINUTE_MS;
/** A scrape interval for when it cannot be told: Istio's sample configuration. */
const DEFAULT_SCRAPE_MS = 15_000;
/**
 * Counters are looked at raw for so long to see who is scraped: it reaches back some scrapes
 * further.
 */
const CENSUS_MS = MINUTE_MS;

/**
 * Long history on `grid` from rates, in chunks of six hours; one-minute steps are read from
 * recording rules where these exist. Births inside the grid count from their second sample on,
 * which over days is nothing.
 */
export async function readHistory(from: From, grid: Grid, kept: Readings): Promise<Observation> {
  const { session, signals, matchers } = from;
  const endMs = stepStartMs(grid, grid.steps);
  const scrapeMs = (await readScrapeInterval(session, signals, endMs)) ?? DEFAULT_SCRAPE_MS;
  const census = await takeCensus(from, endMs);
  const without = leaveOut(census.copies);
  if (without === null || whyNothing(census, matchers, signals) !== null) {
    return { grid, services: [], sourceRequests: session.requests(), notes: [] };
  }
  const distribution = await lookAtLatency(from, grid, without);
  const readings = chooseReadings(new Tally(grid, signals), distribution, kept);
  const reading = new HistoryReading({ from, grid, without, distribution, readings, scrapeMs });
  await reading.fill();
  const summed = new Set(census.copies.summed);
  const services = reading
    .services()
    .filter(({ service }) => !summed.has(service) && (readings.get(service)?.callers.size ?? 0) === 0);
  return { grid, services, sourceRequests: session.requests(), notes: [] };
}

/**
 * Who is scraped, how often and by whom, from one look at raw counters at `endMs`. Sums over pods
 * have no history: rate() takes each fall of them, whenever a pod went, for a burst.
 */
async function takeCensus(from: From, endMs: number): Promise<Tally> {
  const grid = { startMs: endMs - CENSUS_MS, stepMs: CENSUS_MS, steps: 1 };
  const tally = new Tally(grid, from.signals);
  const reporters = reporterPattern(from.signals, REPORTERS);
  const query = (range: string): string => fillQuery(from.signals.queries.requests, { reporters, range });
  await readRaw(from, tally, grid, query, "addRequests");
  tally.count();
  return tally;
}

/** What latency was in the newest day: bounds are chosen from it. */
async function lookAtLatency(from: From, grid: Grid, without: readonly Matching[]): Promise<Distribution> {
  const distribution: Distribution = new Map();
  const everyone = reporterPattern(from.signals, REPORTERS);
  await Promise.all(
    looksAt(grid).map((atMs) => readDistribution(from, distribution, everyone, { atMs, spanMs: LOOK_MS }, without)),
  );
  return distribution;
}

/** Times in the newest day of the grid at which latency is looked at, the newest first. */
function looksAt(grid: Grid): readonly number[] {
  const endMs = stepStartMs(grid, grid.steps);
  const times = Array.from({ length: LOOKS }, (_, k) => endMs - (k * DAY_MS) / LOOKS);
  return times.filter((atMs, k) => k === 0 || atMs - LOOK_MS >= grid.startMs);
}
