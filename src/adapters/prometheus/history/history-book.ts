import type { Grid, Reporter, ServiceCounts } from "../../../core/model/series.ts";
import type { Readings } from "../../../ports/metrics.ts";
import type { OnSeries, Samples } from "../client/matrix-reader.ts";
import { addPoints, type LatencyBook } from "../read/latency.ts";
import { serviceOf } from "../signals/classify.ts";
import { REPORTERS } from "../signals/reporter.ts";
import type { Signals } from "../signals/signals.ts";

/** Answers of the history queries for one service and reporter, by step. */
interface Page {
  readonly requests: Float64Array;
  readonly failures: Float64Array;
  /** Mean number of samples of its series in the step's window; 0 is none. */
  readonly scrapes: Float64Array;
  connections: Record<Connection, Float64Array> | null;
  /** 1 where connections were reported. */
  readonly connected: Uint8Array;
}
type Connection = "opened" | "closed" | "failed";

/** A step in which series have fewer samples than this share of what is usual is not known. */
const MIN_COVERAGE = 0.8;
/** rate() needs two. */
const MIN_SAMPLES = 2;

/** Gathers answers of the history queries into counts. */
export class HistoryBook {
  private readonly pages = new Map<string, Map<Reporter, Page>>();
  private readonly grid: Grid;
  private readonly signals: Signals;

  constructor(grid: Grid, signals: Signals) {
    this.grid = grid;
    this.signals = signals;
  }

  /** Takes the series of one kind of answer. */
  adder(into: "requests" | "failures" | "scrapes" | "connections"): OnSeries {
    return (labels, samples) => {
      const service = serviceOf(labels, this.signals);
      if (service === null) return;
      if (into === "failures" && this.signals.ownFailures?.has(`${service.namespace}/${service.name}`)) return;
      const page = this.page(`${service.namespace}/${service.name}`, service.reporter);
      if (into !== "connections") addPoints(page[into], samples, this.grid);
      else this.addConnections(page, labels.stat ?? "", samples);
    };
  }

  /** Takes failed requests of services that say themselves what these are. */
  ownFailures(services: ReadonlySet<string>): OnSeries {
    return (labels, samples) => {
      const service = serviceOf(labels, this.signals);
      if (service === null || !services.has(`${service.namespace}/${service.name}`)) return;
      addPoints(this.page(`${service.namespace}/${service.name}`, service.reporter).failures, samples, this.grid);
    };
  }

  /** What was gathered, by name. Coverage is measured against what is usual within `blockSteps`. */
  services(readings: Readings, latency: LatencyBook, blockSteps: number): readonly ServiceCounts[] {
    const services = [...this.pages].flatMap(([service, pages]): ServiceCounts[] => {
      const reporter = readings.get(service)?.reporter ?? busiest(pages);
      const page = pages.get(reporter);
      const tcp = pages.get("source")?.connections ? pages.get("source") : page;
      const own = page ?? tcp;
      if (own === undefined) return [];
      const http = own.scrapes.some((samples) => samples > 0);
      const valid = http ? wellScraped(own.scrapes, blockSteps) : (tcp ?? own).connected;
      return [
        {
          service,
          reporter: page === undefined ? "source" : reporter,
          requests: own.requests,
          failures: own.failures.map((failed, i) => Math.min(failed, own.requests[i]!)),
          latency: latency.of(service),
          connections: tcp?.connections ?? null,
          valid,
          flags: {},
        },
      ];
    });
    return services.sort((a, b) => (a.service < b.service ? -1 : 1));
  }

  private addConnections(page: Page, stat: string, samples: Samples): void {
    const { steps } = this.grid;
    const array = (): Float64Array => new Float64Array(steps);
    page.connections ??= { opened: array(), closed: array(), failed: array() };
    if (stat !== "opened" && stat !== "closed" && stat !== "failed") return;
    addPoints(page.connections[stat], samples, this.grid);
    for (let j = 0; j < samples.n; j++) {
      const step = Math.round((samples.timesMs[j]! - this.grid.startMs) / this.grid.stepMs) - 1;
      if (step >= 0 && step < steps) page.connected[step] = 1;
    }
  }

  private page(service: string, reporter: Reporter): Page {
    const pages = this.pages.get(service) ?? new Map<Reporter, Page>();
    this.pages.set(service, pages);
    const { steps } = this.grid;
    const page = pages.get(reporter) ?? {
      requests: new Float64Array(steps),
      failures: new Float64Array(steps),
      scrapes: new Float64Array(steps),
      connections: null,
      connected: new Uint8Array(steps),
    };
    pages.set(reporter, page);
    return page;
  }
}

function busiest(pages: ReadonlyMap<Reporter, Page>): Reporter {
  const total = (reporter: Reporter): number => pages.get(reporter)?.requests.reduce((a, b) => a + b, 0) ?? -1;
  return REPORTERS.reduce((best, reporter) => (total(reporter) > total(best) ? reporter : best));
}

/** 1 for each step whose series have nearly as many samples as is usual around it. */
function wellScraped(scrapes: Float64Array, blockSteps: number): Uint8Array {
  const valid = new Uint8Array(scrapes.length);
  for (let from = 0; from < scrapes.length; from += blockSteps) {
    const block = scrapes.subarray(from, from + blockSteps);
    const positive = block.filter((samples) => samples > 0).sort();
    const usual = positive[positive.length >> 1] ?? 0;
    block.forEach((samples, i) => {
      valid[from + i] = samples >= Math.max(MIN_SAMPLES, MIN_COVERAGE * usual) ? 1 : 0;
    });
  }
  return valid;
}
