import type { Grid, ServiceCounts } from "../../../core/model/series.ts";
import type { OnSeries } from "../client/matrix-reader.ts";
import { byTable, type From, overlapMs } from "../read/counts.ts";
import { stepsInPieces } from "../read/cut.ts";
import { type Distribution, hasNative } from "../read/distribution.ts";
import { boundsPattern, LatencyBook, type Wanted } from "../read/latency.ts";
import type { Matching } from "../read/leave-out.ts";
import { withMatchers } from "../signals/matchers.ts";
import { ownTerms } from "../signals/own-failures.ts";
import { durationMs, fillQuery } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import type { QueryName } from "../signals/signals.ts";
import { chunksOf, chunksWithData, recordedChunks, stepsOfChunk } from "./chunks.ts";
import { HistoryBook } from "./history-book.ts";

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
type Part = (typeof PARTS)[number];

/** What was found out before the first chunk is asked for. */
export interface HistoryFacts {
  readonly from: From;
  readonly grid: Grid;
  /** Matchers that leave copies out: each query is asked once with each of them. */
  readonly without: readonly Matching[];
  readonly distribution: Distribution;
  readonly readings: Wanted;
  readonly scrapeMs: number;
}

/** Fills the books of one history, chunk by chunk; `services` tells what stands in them. */
export class HistoryReading {
  readonly #facts: HistoryFacts;
  readonly #reporters: string;
  readonly #book: HistoryBook;
  readonly #latency: LatencyBook;
  readonly #values: Readonly<Record<string, string>>;

  constructor(facts: HistoryFacts) {
    const { from, grid, readings, scrapeMs } = facts;
    this.#facts = facts;
    const isOutside = [...readings.values()].some(({ reporter }) => reporter === "destination");
    this.#reporters = reporterPattern(from.signals, isOutside ? REPORTERS : ["source", "waypoint"]);
    this.#book = new HistoryBook(grid, from.signals);
    this.#latency = new LatencyBook(grid, from.signals, readings);
    this.#values = {
      reporters: this.#reporters,
      seconds: `${grid.stepMs / 1000}`,
      callers: "",
      bounds: boundsPattern(readings),
      range: durationMs(overlapMs(grid.stepMs, scrapeMs)),
    };
  }

  /** Asks for all chunks that have data, all parts of each at once. Rejects as the source does. */
  async fill(): Promise<void> {
    const { from, grid, without } = this.#facts;
    const { session, signals } = from;
    const exists = await chunksWithData(session, signals, grid, this.#reporters);
    const isRecorded = without.flat().length > 0 ? () => false : await recordedChunks(session, signals, grid);
    const chunks = chunksOf(grid).filter(exists);
    const parts = this.#parts();
    await Promise.all([
      ...chunks.flatMap((chunk) => parts.map((part) => this.#readPart(part, chunk, isRecorded(chunk)))),
      ...chunks.map((chunk) => this.#readOwnFailures(chunk)),
    ]);
  }

  services(): readonly ServiceCounts[] {
    const { readings, grid } = this.#facts;
    return this.#book.services(readings, this.#latency, stepsOfChunk(grid.stepMs));
  }

  /** Latency is asked for where somebody has it, in the forms in which it was seen. */
  #parts(): readonly Part[] {
    const { readings, distribution } = this.#facts;
    const withLatency = [...readings.values()].some(({ boundsMs }) => boundsMs.length > 0);
    const withNative = withLatency && hasNative(distribution);
    return PARTS.filter(({ into }) => (into !== "latency" || withLatency) && (into !== "nativeLatency" || withNative));
  }

  async #readPart({ direct, recorded, into }: Part, chunk: Grid, hasRules: boolean): Promise<void> {
    const { from, without, grid } = this.#facts;
    const { signals } = from;
    const add = this.#adder(into);
    for (const table of byTable(signals.queries[direct], without, signals)) {
      // Recording rules know the table of the signals file only.
      const query =
        recorded !== null && hasRules && table.isGeneral
          ? fillQuery(signals.queries[recorded], { ...this.#values, range: durationMs(grid.stepMs) })
          : fillQuery(signals.queries[direct], { ...this.#values, ...table.values });
      await stepsInPieces(from, withMatchers(query, table.matching), chunk, (labels, samples) => {
        if (table.takes(labels)) add(labels, samples);
      });
    }
  }

  /** Failures of services that say themselves what a failed request is. */
  async #readOwnFailures(chunk: Grid): Promise<void> {
    const { from, without } = this.#facts;
    const query = fillQuery(from.signals.queries.historyRequests, this.#values);
    await Promise.all(
      ownTerms(from.signals).flatMap(({ services, terms }) =>
        terms.map(async (term) => {
          for (const matching of without) {
            const asked = withMatchers(withMatchers(query, term), matching);
            await stepsInPieces(from, asked, chunk, this.#book.ownFailures(services));
          }
        }),
      ),
    );
  }

  #adder(into: Part["into"]): OnSeries {
    if (into === "latency") return this.#latency.adder("classic", "service");
    return into === "nativeLatency" ? this.#latency.adder("native", "service") : this.#book.adder(into);
  }
}
