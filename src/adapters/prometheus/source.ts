import type { MetricsSource, Readings } from "../../ports/metrics.ts";
import type { PrometheusOptions } from "./client/options.ts";
import { openSession, type Session } from "./client/session.ts";
import { openTransport } from "./client/transport.ts";
import { readHistory } from "./history/history.ts";
import { readCounts } from "./read/counts.ts";
import { readEdges } from "./read/edges.ts";
import { readHealth } from "./read/health.ts";
import { inspect } from "./read/inspect.ts";
import { readAttempts } from "./recent/attempts.ts";
import { readNodePressure } from "./recent/node-pressure.ts";
import { readInjected, readRecent } from "./recent/recent.ts";
import { readResets } from "./recent/resets.ts";
import { readThrottled } from "./recent/throttled.ts";
import { readWaits } from "./recent/waits.ts";

const NOTHING_KEPT: Readings = new Map();

/**
 * The mesh's telemetry from Prometheus, Thanos, Mimir, VictoriaMetrics or a managed one. Reads
 * nothing before it is asked.
 */
export function prometheusSource(options: PrometheusOptions): MetricsSource {
  const transport = openTransport(options);
  const { signals, clock, log, matchers = {} } = options;
  const session = (signal: AbortSignal): Session => openSession(transport, log, signal, matchers);
  return {
    counts: (grid, signal, kept = NOTHING_KEPT) =>
      readCounts({ session: session(signal), signals, matchers }, grid, kept, clock.nowMs()),
    history: (grid, signal, kept = NOTHING_KEPT) =>
      readHistory({ session: session(signal), signals, matchers }, grid, kept),
    edges: (window, signal) => readEdges({ session: session(signal), signals }, window),
    recent: (atMs, windowMs, signal) => readRecent({ session: session(signal), signals, matchers }, atMs, windowMs),
    inspect: (signal) => inspect({ session: session(signal), signals, matchers }, clock.nowMs()),
    injected: (services, window, signal) =>
      readInjected({ session: session(signal), signals, matchers }, services, window),
    attempts: (services, window, signal) =>
      readAttempts({ session: session(signal), signals, matchers }, services, window),
    waits: (services, window, signal) => readWaits({ session: session(signal), signals, matchers }, services, window),
    resets: {
      flags: signals.resets.flags,
      count: (services, window, signal) =>
        readResets({ session: session(signal), signals, matchers }, services, window),
    },
    nodePressure: (nodes, window, signal) => readNodePressure(session(signal), nodes, window),
    throttled: (namespaces, window, signal) => readThrottled(session(signal), namespaces, window),
    health: (signal) => readHealth(session(signal), signals, clock, matchers),
  };
}
