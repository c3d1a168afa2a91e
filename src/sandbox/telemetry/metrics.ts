import { NO_BOUND } from "../traffic/column.ts";
import { BOUNDS_MS } from "../traffic/latency.ts";
import type { Measure, SeriesGroup } from "./series.ts";
import type { ScrapeTarget } from "./target.ts";

/** A metric that is made from label sets; `le` is the bucket's label, where it has one. */
export interface GroupMetric {
  readonly name: string;
  readonly protocol: SeriesGroup["protocol"];
  readonly le: string | null;
  readonly measure: Measure;
}

const http = (name: string, measure: Measure, le: string | null = null): GroupMetric => ({
  name,
  protocol: "http",
  le,
  measure,
});
const tcp = (name: string, kind: "opened" | "closed" | "sent" | "received"): GroupMetric => ({
  name,
  protocol: "tcp",
  le: null,
  measure: { kind },
});

const DURATION = "istio_request_duration_milliseconds";
const ALL: Measure = { kind: "within", bound: NO_BOUND };

/** Istio's standard metrics as far as they are played here; no histograms of bytes. */
export const GROUP_METRICS: readonly GroupMetric[] = [
  http("istio_requests_total", ALL),
  ...BOUNDS_MS.map((bound, k) => http(`${DURATION}_bucket`, { kind: "within", bound: k }, String(bound))),
  http(`${DURATION}_bucket`, ALL, "+Inf"),
  http(`${DURATION}_sum`, { kind: "duration-sum" }),
  http(`${DURATION}_count`, ALL),
  tcp("istio_tcp_connections_opened_total", "opened"),
  tcp("istio_tcp_connections_closed_total", "closed"),
  tcp("istio_tcp_sent_bytes_total", "sent"),
  tcp("istio_tcp_received_bytes_total", "received"),
];

/** A metric that every proxy has once. */
export interface TargetMetric {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: (target: ScrapeTarget) => number;
}

export const TARGET_METRICS: readonly TargetMetric[] = [
  { name: "istio_build", labels: { component: "proxy", tag: "1.27.1" }, value: () => 1 },
  {
    name: "istio_agent_process_start_time_seconds",
    labels: {},
    value: (target) => Math.floor(target.startedMs / 1_000),
  },
];
