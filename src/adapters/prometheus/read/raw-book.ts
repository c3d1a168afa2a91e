import type { Reporter } from "../../../core/model/series.ts";
import type { Samples } from "../client/matrix-reader.ts";
import {
  callerOf,
  failuresOf,
  flagsOf,
  INJECTED_FLAGS,
  isFailure,
  type Labels,
  serviceOf,
} from "../signals/classify.ts";
import type { Signals } from "../signals/signals.ts";
import { ClusterValues } from "./clusters.ts";
import { type Scrape, ScrapeBook } from "./scrapes.ts";

/** Which counter a series is. */
export type Kind = "requests" | "opened" | "closed" | "failed";

/** One raw counter over the whole grid: what its labels say, and its samples. */
export interface RawSeries {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
  readonly reporter: Reporter;
  /** `namespace/name` of the caller's workload; empty when nobody knows it. */
  readonly caller: string;
  readonly failed: boolean;
  readonly flags: readonly string[];
  /** Labels that its signals use and that it does not have. */
  readonly lacks: readonly string[];
  readonly scrape: Scrape;
  /** Equal for the same counter, whoever scraped it. */
  readonly key: string;
  timesMs: Float64Array;
  values: Float64Array;
}

/**
 * Everything that was read raw. Equal times and texts are kept once: a scrape gives all its series
 * the same times.
 */
export class RawBook {
  readonly series = new Map<string, RawSeries>();
  readonly scrapes: ScrapeBook;
  /** Values seen of each label that tells clusters apart. */
  readonly clusters: ClusterValues;
  /** Series without a service: a label that names it is missing. */
  nameless = 0;
  private readonly signals: Signals;
  private readonly scrapeLabels: ReadonlySet<string>;
  private readonly lastTimes = new Map<Scrape, Float64Array>();
  private readonly texts = new Map<string, string>();
  private readonly written: string[] = [];
  private readonly usedLabels: ReadonlySet<string>;

  constructor(signals: Signals) {
    this.signals = signals;
    this.scrapes = new ScrapeBook(signals);
    this.clusters = new ClusterValues(signals);
    const { target, replicas, pods } = signals.labels;
    this.usedLabels = labelsUsed(signals);
    this.scrapeLabels = new Set([...target, ...replicas, ...pods.map(({ name }) => name), ...WAYS_OF_SCRAPING]);
  }

  /** Adds a series, or what of it a later piece has. */
  add(labels: Labels, samples: Samples, kind: Kind): void {
    const service = serviceOf(labels, this.signals);
    this.clusters.add(labels);
    if (service === null) {
      if (lacksName(labels, this.signals)) this.nameless++;
      return;
    }
    const scrape = this.scrapes.of(labels, service.reporter);
    const key = `${kind}\0${this.keyOf(labels)}`;
    const id = `${scrape.id}\0${key}`;
    const known = this.series.get(id);
    const added = kept(samples, known?.timesMs.at(-1) ?? Number.NEGATIVE_INFINITY);
    if (added.timesMs.length === 0) return;
    for (const one of scrape.through === null ? [scrape] : [scrape, scrape.through]) {
      one.samples += added.timesMs.length;
      one.firstMs = Math.min(one.firstMs, added.timesMs[0]!);
    }
    if (known !== undefined) {
      known.timesMs = joined(known.timesMs, added.timesMs);
      known.values = joined(known.values, added.values);
      return;
    }
    const failed = kind === "requests" && isFailure(labels, this.signals);
    this.series.set(id, {
      kind,
      ...service,
      caller: callerOf(labels, this.signals),
      failed,
      // a delay, or an abort with a status that is no failure, shows in its flag alone
      flags: flagsOf(labels, this.signals).filter(
        (flag) => failed || kind !== "requests" || INJECTED_FLAGS.includes(flag),
      ),
      lacks: lacking(labels, kind, this.signals),
      scrape,
      key,
      timesMs: this.shared(scrape, added.timesMs),
      values: added.values,
    });
  }

  /** What a counter's labels say, those of its scrape left out. */
  labelsOf({ key }: RawSeries): ReadonlyMap<string, string> {
    const text = this.written[Number(key.slice(key.indexOf("\0") + 1))] ?? "";
    const pairs = text === "" ? [] : text.split("\0");
    return new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
  }

  /** Whether a label says something of the request, and not of who scraped it. */
  isOfRequest(name: string): boolean {
    return this.usedLabels.has(name) || this.signals.labels.ofRequest?.test(name) === true;
  }

  private shared(scrape: Scrape, timesMs: Float64Array): Float64Array {
    const last = this.lastTimes.get(scrape);
    if (last !== undefined && same(last, timesMs)) return last;
    this.lastTimes.set(scrape, timesMs);
    return timesMs;
  }

  private keyOf(labels: Labels): string {
    const names = Object.keys(labels).filter((name) => !this.scrapeLabels.has(name));
    const text = names
      .sort()
      .map((name) => `${name}=${labels[name]}`)
      .join("\0");
    const known = this.texts.get(text);
    if (known !== undefined) return known;
    const short = `${this.texts.size}`;
    this.texts.set(text, short);
    this.written.push(text);
    return short;
  }
}

/**
 * Labels that jobs of the Prometheus Operator and its kind add to what they scrape; they say
 * nothing of the request.
 */
const WAYS_OF_SCRAPING = ["endpoint", "container", "prometheus", "service", "metrics_path", "node", "namespace"];

/** Every label that a definition of the signals file names. */
function labelsUsed({ labels, failure }: Signals): ReadonlySet<string> {
  const { serviceNamespace, serviceName, callerNamespace, callerName, reporter, flags, clusters, owner } = labels;
  return new Set(
    [
      ...[serviceNamespace, serviceName, callerNamespace, callerName, reporter, flags],
      ...[...clusters, ...Object.values(labels.ownCluster), ...owner.source, ...owner.destination],
      ...[...failure.any, ...failure.except, ...failure.neededBy].map(({ label }) => label),
      ...failure.neededBy.map(({ needs }) => needs),
    ].filter((name) => name !== undefined),
  );
}

function lacksName(labels: Labels, { labels: { serviceName, serviceNamespace, reporter } }: Signals): boolean {
  return [serviceName, serviceNamespace, reporter].some((name) => labels[name] === undefined);
}

/**
 * Labels that a definition uses and a series must have; one of the failure labels is enough, gRPC
 * needs its own.
 */
function lacking(labels: Labels, kind: Kind, signals: Signals): readonly string[] {
  const { flags } = signals.labels;
  const failure = failuresOf(labels, signals);
  const missing = labels[flags] === undefined && kind !== "closed" ? [flags] : [];
  if (kind !== "requests") return missing;
  const codes = failure.any.map(({ label }) => label);
  if (codes.every((label) => labels[label] === undefined)) return [...codes, ...missing];
  const grpc = failure.neededBy.filter(
    ({ label, value, needs }) => labels[label] === value && labels[needs] === undefined,
  );
  return [...grpc.map(({ needs }) => needs), ...missing];
}

/** What is a counter's (finite, not negative, in order) and later than `afterMs`, copied. */
function kept({ timesMs, values, n }: Samples, afterMs: number): { timesMs: Float64Array; values: Float64Array } {
  const [times, counts] = [new Float64Array(n), new Float64Array(n)];
  let [m, last] = [0, afterMs];
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    if (!(value >= 0) || value === Number.POSITIVE_INFINITY || timesMs[i]! <= last) continue;
    last = times[m] = timesMs[i]!;
    counts[m++] = value;
  }
  return m === n ? { timesMs: times, values: counts } : { timesMs: times.slice(0, m), values: counts.slice(0, m) };
}

function joined(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

const same = (a: Float64Array, b: Float64Array): boolean => a.length === b.length && a.every((x, i) => x === b[i]);
