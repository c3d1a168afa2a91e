import { AftershockError } from "../../../core/model/error.ts";
import { MINUTE_MS } from "../../../core/model/units.ts";
import type { PrometheusOptions } from "../client/options.ts";
import { openSession } from "../client/session.ts";
import { openTransport } from "../client/transport.ts";
import { successValues } from "../signals/own-failures.ts";
import { anyOf, boundSpellings, durationMs, fillQuery, placeholdersOf } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import type { QueryName, Signals } from "../signals/signals.ts";
import { callerLabels } from "./counts.ts";

/** A query of the signals file that was sent once. */
export interface TriedQuery {
  readonly name: string;
  /** Why the server refuses it, in its own words; null when it answers. */
  readonly refused: string | null;
}

/** Short: what is asked for is whether the server takes the query, not its answer. */
const RANGE_MS = MINUTE_MS;
/** A bound that Istio's histograms have, in ms. */
const BOUND_MS = 1000;

/**
 * Sends every query of the signals file once, at the source's own now.
 * @throws AftershockError `source-unavailable` when the server does not answer: then nothing is
 * known of the queries
 */
export function queryTrial(options: PrometheusOptions): (signal: AbortSignal) => Promise<readonly TriedQuery[]> {
  const transport = openTransport(options);
  return async (signal) => {
    const session = openSession(transport, options.log, signal);
    const tried: TriedQuery[] = [];
    for (const { name, query } of samplesOf(options.signals)) {
      try {
        await session.raw(query, options.clock.nowMs(), () => {});
        tried.push({ name, refused: null });
      } catch (cause) {
        if (!(cause instanceof AftershockError) || cause.code !== "source-refused") throw cause;
        tried.push({ name, refused: cause.message });
      }
    }
    return tried;
  };
}

/**
 * Every query with values for its placeholders; one that is sent for several metrics, with each.
 */
function samplesOf(signals: Signals): { readonly name: string; readonly query: string }[] {
  const { connections, evidence } = signals;
  const metricsOf: Partial<Record<QueryName, readonly string[]>> = {
    connections: [connections.opened, connections.closed, connections.failed],
    evidence: [evidence.up, evidence.processStart],
  };
  const values = {
    reporters: reporterPattern(signals, REPORTERS),
    range: durationMs(RANGE_MS),
    bounds: anyOf(boundSpellings(BOUND_MS)),
    seconds: `${RANGE_MS / 1000}`,
    callers: callerLabels(signals),
    names: "none",
    instances: "none",
    ...successValues(signals.failure),
  };
  return (Object.entries(signals.queries) as [QueryName, string][]).flatMap(([name, query]) => {
    if (!placeholdersOf(query).includes("metric")) return [{ name, query: fillQuery(query, values) }];
    return (metricsOf[name] ?? []).map((metric) => ({
      name: `${name} of ${metric}`,
      query: fillQuery(query, { ...values, metric }),
    }));
  });
}
