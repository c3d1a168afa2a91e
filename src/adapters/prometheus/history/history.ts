import { type Grid, type Observation, stepStartMs } from "../../../core/model/series.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../core/model/units.ts";
import type { Readings } from "../../../ports/metrics.ts";
import type { OnSeries } from "../client/matrix-reader.ts";
import type { Session } from "../client/session.ts";
import { chooseReadings } from "../read/assemble.ts";
import { byTable, type From, overlapMs, readDistribution, readRaw } from "../read/counts.ts";
import { stepsInPieces } from "../read/cut.ts";
import { type Distribution, hasNative } from "../read/distribution.ts";
import { readScrapeInterval } from "../read/health.ts";
import { boundsPattern, LatencyBook } from "../read/latency.ts";
import { leaveOut } from "../read/leave-out.ts";
import { Tally } from "../read/tally.ts";
import { whyNothing } from "../read/unread.ts";
import { withMatchers } from "../signals/matchers.ts";
import { ownTerms } from "../signals/own-failures.ts";
import { durationMs, fillQuery } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import type { QueryName, Signals } from "../signals/signals.ts";
import { HistoryBook } from "./history-book.ts";

/** One request covers so much time … */
const CHUNK_MS = 6 * HOUR_MS;
/** … and at most so many steps: Prometheus refuses more than 11,000 points a series. */
const CHUNK_STEPS = 10_000;
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

/** The answers of a chunk: as asked for directly, and where rules/prometheus records them. */
const PARTS = [
  { direct: "historyRequests", recorded: "recordedRequests", into: "requests" },
  { direct: "historyFailures", recorded: "recordedFailures", into: "failures" },
  { direct: "historyScrapes", recorded: "recordedScrapes", into: "scrapes" },
  { direct: "historyConnections", recorded: "recordedConnections", into: "connections" },
  { direct: "historySlow", recorded: "recordedSlow", into: "latency" },
  // Recording rules know classic buckets only; what was scraped before native histograms were is
  // read from these.
  { direct: "native", recorded: null, into: "nativeLatency" },
] as const satisfies readonly { direct: QueryName; recorded: QueryName | null; into: string }[];

/**
 * Long history on `grid` from rates, in chunks of six hours; one-minute steps are read from
 * recording rules where these exist. Births inside the grid count from their second sample on,
 * which over days is nothing.
 */
export async function readHistory(from: From, grid: Grid, kept: Readings): Promise<Observation> {
  const { session, signals } = from;
  const endMs = stepStartMs(grid, grid.steps);
  const scrapeMs = (await readScrapeInterval(session, signals, endMs)) ?? DEFAULT_SCRAPE_MS;
  const everyone = reporterPattern(signals, REPORTERS);
  const distribution: Distribution = new Map();
  const census = await takeCensus(from, endMs);
  const without = leaveOut(census.copies);
  if (without === null || whyNothing(census, from.matchers, signals) !== null) {
    return { grid, services: [], sourceRequests: session.requests(), notes: [] };
  }
  await Promise.all(
    looksAt(grid).map((atMs) => readDistribution(from, distribution, everyone, { atMs, spanMs: LOOK_MS }, without)),
  );
  const readings = chooseReadings(new Tally(grid, signals), distribution, kept);
  const outside = [...readings.values()].some(({ reporter }) => reporter === "destination");
  const reporters = outside ? everyone : reporterPattern(signals, ["source", "waypoint"]);
  const exists = await chunksWithData(session, signals, grid, reporters);
  const recorded = without.flat().length > 0 ? () => false : await recordedChunks(session, signals, grid);
  const book = new HistoryBook(grid, signals);
  const latency = new LatencyBook(grid, signals, readings);
  const withLatency = [...readings.values()].some(({ boundsMs }) => boundsMs.length > 0);
  const values = {
    reporters,
    seconds: `${grid.stepMs / 1000}`,
    callers: "",
    bounds: boundsPattern(readings),
    range: durationMs(overlapMs(grid.stepMs, scrapeMs)),
  };
  const withNative = withLatency && hasNative(distribution);
  const parts = PARTS.filter(
    ({ into }) => (into !== "latency" || withLatency) && (into !== "nativeLatency" || withNative),
  );
  const adderOf = (into: (typeof PARTS)[number]["into"]): OnSeries => {
    if (into === "latency") return latency.adder("classic", "service");
    return into === "nativeLatency" ? latency.adder("native", "service") : book.adder(into);
  };
  await Promise.all([
    ...chunksOf(grid)
      .filter(exists)
      .flatMap((chunk) =>
        parts.map(async ({ direct, recorded: name, into }) => {
          const add = adderOf(into);
          for (const table of byTable(signals.queries[direct], without, signals)) {
            // Recording rules know the table of the signals file only.
            const isRecorded = name !== null && recorded(chunk) && table.isGeneral;
            const query = isRecorded
              ? fillQuery(signals.queries[name], { ...values, range: durationMs(grid.stepMs) })
              : fillQuery(signals.queries[direct], { ...values, ...table.values });
            await stepsInPieces(from, withMatchers(query, table.matching), chunk, (labels, samples) => {
              if (table.takes(labels)) add(labels, samples);
            });
          }
        }),
      ),
    ...ownTerms(signals).flatMap(({ services, terms }) =>
      chunksOf(grid)
        .filter(exists)
        .flatMap((chunk) =>
          terms.map(async (term) => {
            const query = withMatchers(fillQuery(signals.queries.historyRequests, values), term);
            for (const matching of without) {
              await stepsInPieces(from, withMatchers(query, matching), chunk, book.ownFailures(services));
            }
          }),
        ),
    ),
  ]);
  const summed = new Set(census.copies.summed);
  const services = book
    .services(readings, latency, Math.ceil(CHUNK_MS / grid.stepMs))
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

/** Times in the newest day of the grid at which latency is looked at, the newest first. */
function looksAt(grid: Grid): readonly number[] {
  const endMs = stepStartMs(grid, grid.steps);
  const times = Array.from({ length: LOOKS }, (_, k) => endMs - (k * DAY_MS) / LOOKS);
  return times.filter((atMs, k) => k === 0 || atMs - LOOK_MS >= grid.startMs);
}

/** Chunks whose borders are whole chunks before the end, oldest first. */
function chunksOf(grid: Grid): readonly Grid[] {
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
async function chunksWithData(
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
async function recordedChunks(session: Session, signals: Signals, grid: Grid): Promise<(chunk: Grid) => boolean> {
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
