import { readFileSync } from "node:fs";
import type { PrometheusOptions } from "../../../src/adapters/prometheus/client/options.ts";
import { loadSignals, type Signals } from "../../../src/adapters/prometheus/signals/signals.ts";
import type { Grid, Observation, ServiceCounts } from "../../../src/core/model/series.ts";
import { stepStartMs } from "../../../src/core/model/series.ts";
import type { Log } from "../../../src/ports/log.ts";
import type { MeshProxy, Request } from "../../support/openmetrics.ts";

const silent = (): void => {};
export const SILENT_LOG: Log = { debug: silent, info: silent, warn: silent, error: silent };

export const istioSignals = (): Signals =>
  loadSignals(readFileSync(new URL("../../../rules/signals/istio.yaml", import.meta.url), "utf8"));

/** Options for a source at `url` whose clock stands at `nowMs`. */
export const sourceOptions = (
  url: string,
  nowMs: number,
  more: Partial<PrometheusOptions> = {},
): PrometheusOptions => ({
  url,
  timeoutMs: 15_000,
  signals: istioSignals(),
  clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, realMs: () => nowMs, sleep: () => Promise.resolve() },
  log: SILENT_LOG,
  ...more,
});

export function serviceIn(observation: Observation, service: string): ServiceCounts {
  const found = observation.services.find((one) => one.service === service);
  if (found === undefined) throw new Error(`${service} is not among ${observation.services.map((one) => one.service)}`);
  return found;
}

/** A request that a proxy reported. */
export interface Sent {
  readonly proxy: MeshProxy;
  readonly request: Request;
}

/**
 * The slow and obvious count: each request belongs to the step in which its proxy was scraped next,
 * if it was.
 */
export function countBySteps(grid: Grid, sent: readonly Sent[], which: (request: Request) => boolean): Float64Array {
  const counts = new Float64Array(grid.steps);
  for (const { proxy, request } of sent) {
    if (!which(request)) continue;
    const seen = proxy.scrapes().find(({ atMs, up }) => up && atMs >= request.atMs);
    if (seen === undefined) continue;
    for (let i = 0; i < grid.steps; i++) {
      if (seen.atMs > stepStartMs(grid, i) && seen.atMs <= stepStartMs(grid, i + 1)) counts[i]! += request.times ?? 1;
    }
  }
  return counts;
}
