import type { Window } from "../../src/core/model/units.ts";
import { BUCKET_LABEL, bucketOf, type NativeForm } from "./native-histograms.ts";

export type LabelSet = Readonly<Record<string, string>>;

/** Istio's latency bounds in ms, shortened to those that tests use. */
export const BOUNDS_MS = [1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000] as const;

/** One sample of one series; time in ms since the epoch. */
export interface Sample {
  readonly name: string;
  readonly labels: LabelSet;
  readonly atMs: number;
  readonly value: number;
}

/** A request as a proxy reports it when it ends. */
export interface Request {
  readonly atMs: number;
  /** `namespace/name`. */
  readonly to: string;
  readonly from?: string;
  readonly reporter?: "source" | "waypoint" | "destination";
  readonly code?: number;
  readonly flags?: string;
  readonly grpcStatus?: number;
  readonly tookMs?: number;
  /** Requests with these values. */
  readonly times?: number;
  /** Other labels, or other values of labels. */
  readonly labels?: LabelSet;
}

/**
 * Labels of a request in Istio's form; what a request that reached no pod says of its destination's
 * workload is `unknown`.
 */
export function requestLabels(request: Request): LabelSet {
  const [namespace = "", name = ""] = request.to.split("/");
  const [callerNamespace = "", caller = ""] = (request.from ?? "load/load").split("/");
  const flags = request.flags ?? "-";
  const reached = !/U[HF]/.test(flags);
  return {
    reporter: request.reporter ?? "source",
    source_workload: caller,
    source_workload_namespace: callerNamespace,
    destination_workload: reached ? name : "unknown",
    destination_workload_namespace: reached ? namespace : "unknown",
    destination_service: `${name}.${namespace}.svc.cluster.local`,
    destination_service_name: name,
    destination_service_namespace: namespace,
    request_protocol: request.grpcStatus === undefined ? "http" : "grpc",
    response_code: `${request.code ?? 200}`,
    ...(request.grpcStatus === undefined ? {} : { grpc_response_status: `${request.grpcStatus}` }),
    response_flags: flags,
    ...request.labels,
  };
}

interface Counter {
  readonly name: string;
  readonly labels: LabelSet;
  readonly events: { readonly atMs: number; readonly amount: number }[];
}

export interface ProxyOptions {
  readonly instance: string;
  readonly pod?: string;
  readonly job?: string;
  /** It exists from its first to its last possible scrape. */
  readonly life: Window;
  readonly scrapeMs: number;
  /** Scrapes happen at whole multiples of `scrapeMs` plus this. */
  readonly phaseMs: number;
  /** Scrapes in here find nobody (`up` 0) … */
  readonly down?: readonly Window[];
  /** … and in here are not tried, as when Prometheus itself is away. */
  readonly unscraped?: readonly Window[];
  /** Counters begin anew at these times. */
  readonly resetsMs?: readonly number[];
  /** Exposes `istio_agent_process_start_time_seconds`, the beginning of its life. */
  readonly tellsStart?: boolean;
  /** Spelling of `le`: Prometheus 2 keeps `1000`, 3 writes `1000.0`. */
  readonly le?: (bound: number) => string;
  readonly boundsMs?: readonly number[];
  /** Keeps durations as native histograms, and as classic ones only if both are wanted. */
  readonly native?: NativeForm & { readonly besideClassic?: boolean };
}

/** A proxy with its counters, and what Prometheus would have scraped from it. */
export class MeshProxy {
  private readonly counters = new Map<string, Counter>();
  private readonly options: ProxyOptions;
  private times: readonly { readonly atMs: number; readonly up: boolean }[] | null = null;

  constructor(options: ProxyOptions) {
    this.options = options;
  }

  /** Adds `amount` to a counter, which is born by it. */
  count(name: string, labels: LabelSet, atMs: number, amount = 1): void {
    const key = `${name}${labelText(labels)}`;
    const counter = this.counters.get(key) ?? { name, labels, events: [] };
    counter.events.push({ atMs, amount });
    this.counters.set(key, counter);
  }

  /** A request in the counter and, if it took any time that is known, in the histogram. */
  request(request: Request): void {
    const labels = requestLabels(request);
    const { atMs, times = 1, tookMs } = request;
    this.count("istio_requests_total", labels, atMs, times);
    if (tookMs === undefined) return;
    const { boundsMs = BOUNDS_MS, le = String, native } = this.options;
    if (native !== undefined) {
      const bucket = { [BUCKET_LABEL]: `${bucketOf(tookMs, native)}` };
      this.count("istio_request_duration_milliseconds", { ...labels, ...bucket }, atMs, times);
      if (native.besideClassic !== true) return;
    }
    const bucket = (text: string, amount: number): void =>
      this.count("istio_request_duration_milliseconds_bucket", { ...labels, le: text }, atMs, amount);
    for (const bound of boundsMs) bucket(le(bound), tookMs <= bound ? times : 0);
    bucket("+Inf", times);
  }

  /** Times at which this proxy is scraped or found down, ascending. */
  scrapes(): readonly { readonly atMs: number; readonly up: boolean }[] {
    this.times ??= this.scrapeTimes();
    return this.times;
  }

  private scrapeTimes(): { atMs: number; up: boolean }[] {
    const { life, scrapeMs, phaseMs, down = [], unscraped = [] } = this.options;
    const times: { atMs: number; up: boolean }[] = [];
    const firstMs = Math.ceil((life.fromMs - phaseMs) / scrapeMs) * scrapeMs + phaseMs;
    for (let atMs = firstMs; atMs < life.toMs; atMs += scrapeMs) {
      if (unscraped.some((window) => inside(window, atMs))) continue;
      times.push({ atMs, up: !down.some((window) => inside(window, atMs)) });
    }
    return times;
  }

  /** The form in which `samples` has durations, besides classic buckets; null for these alone. */
  get native(): NativeForm | null {
    return this.options.native ?? null;
  }

  /** Everything that was scraped. */
  samples(): readonly Sample[] {
    const { instance, pod, job = "mesh", resetsMs = [], tellsStart = false, life } = this.options;
    const target: LabelSet = { job, instance, ...(pod === undefined ? {} : { pod }) };
    const scrapes = this.scrapes();
    const samples: Sample[] = scrapes.map(({ atMs, up }) => ({ name: "up", labels: target, atMs, value: up ? 1 : 0 }));
    const seen = scrapes.filter(({ up }) => up);
    if (tellsStart) {
      const name = "istio_agent_process_start_time_seconds";
      for (const { atMs } of seen) samples.push({ name, labels: target, atMs, value: life.fromMs / 1000 });
    }
    for (const { name, labels, events } of this.counters.values()) {
      events.sort((a, b) => a.atMs - b.atMs);
      const resets = [...resetsMs].sort((a, b) => a - b);
      const scraped = { ...labels, ...target };
      let value = 0;
      let born = false;
      let next = 0;
      for (const { atMs } of seen) {
        while (
          (events[next]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs ||
          (resets[0] ?? Number.POSITIVE_INFINITY) <= atMs
        ) {
          const event = events[next];
          if (resets[0] !== undefined && resets[0] <= (event?.atMs ?? Number.POSITIVE_INFINITY)) {
            resets.shift();
            value = 0;
            born = false;
          } else if (event !== undefined) {
            value += event.amount;
            born = true;
            next++;
          }
        }
        if (born) samples.push({ name, labels: scraped, atMs, value });
      }
    }
    return samples;
  }
}

/** Samples as OpenMetrics text that `promtool tsdb create-blocks-from openmetrics` takes. */
export function openMetrics(samples: readonly Sample[]): string {
  const families = new Map<string, Sample[]>();
  for (const sample of samples) {
    const family = families.get(sample.name);
    if (family) family.push(sample);
    else families.set(sample.name, [sample]);
  }
  const lines: string[] = [];
  for (const [name, members] of families) {
    // Each name is a family of its own: promtool does not ask whether buckets belong together.
    lines.push(`# TYPE ${name} unknown`);
    let last: LabelSet | null = null;
    let text = "";
    for (const { labels, atMs, value } of members) {
      if (labels !== last) [last, text] = [labels, `${name}${labelText(labels)}`];
      lines.push(`${text} ${value} ${atMs / 1000}`);
    }
  }
  return `${lines.join("\n")}\n# EOF\n`;
}

const inside = (window: Window, atMs: number): boolean => atMs >= window.fromMs && atMs < window.toMs;

function labelText(labels: LabelSet): string {
  const quoted = (text: string): string => text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${quoted(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
