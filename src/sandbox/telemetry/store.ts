import type { SandboxClock } from "../clock.ts";
import { type Labels, METRIC_NAME } from "../promql/labels.ts";
import { type Matcher, metricName } from "../promql/matchers.ts";
import type { SampleSeries, SampleStorage } from "../promql/storage.ts";
import { GROUP_METRICS, type GroupMetric, TARGET_METRICS } from "./metrics.ts";
import { constantSamples, groupSamples, scrapesOf, upSamples } from "./samples.ts";
import type { SeriesGroup } from "./series.ts";
import type { ScrapeTarget } from "./target.ts";

const LE = "le";

/**
 * Every proxy that was ever scraped, its label sets, and the samples that scraping them would have
 * left.
 */
export class TelemetryStore implements SampleStorage {
  readonly #clock: SandboxClock;
  readonly #startMs: number;
  readonly #groups = new Map<ScrapeTarget, Map<string, SeriesGroup>>();

  /** Prometheus began to scrape at `startMs`. */
  constructor(clock: SandboxClock, startMs: number) {
    this.#clock = clock;
    this.#startMs = startMs;
  }

  addTarget(target: ScrapeTarget): void {
    this.#groups.set(target, new Map());
  }

  /** The label set of `target` with this key; made by `labels` when it is new. */
  group(target: ScrapeTarget, key: string, protocol: SeriesGroup["protocol"], labels: () => Labels): SeriesGroup {
    const groups = this.#groups.get(target);
    if (groups === undefined) throw new TypeError(`no such target: ${target.labels.pod}`);
    let group = groups.get(key);
    if (group === undefined) {
      group = { target, protocol, labels: { ...labels(), ...target.labels }, pieces: [], connections: [], bursts: [] };
      groups.set(key, group);
    }
    return group;
  }

  /** Forgets proxies that were lost before `beforeMs`. */
  drop(beforeMs: number): void {
    for (const target of this.#groups.keys()) if (target.lostAtMs < beforeMs) this.#groups.delete(target);
  }

  *select(matchers: readonly Matcher[], wantedFromMs: number, toMs: number): Iterable<SampleSeries> {
    const fromMs = Math.max(wantedFromMs, this.#startMs);
    const untilMs = Math.min(toMs, this.#clock.nowMs());
    const names = matchers.filter((m) => m.name === METRIC_NAME);
    const le = matchers.filter((m) => m.name === LE);
    const others = matchers.filter((m) => m.name !== METRIC_NAME && m.name !== LE);
    const metrics = GROUP_METRICS.filter((metric) => accepts(names, metric.name) && accepts(le, metric.le ?? ""));
    for (const [target, groups] of this.#groups) {
      if (target.knownFromMs > untilMs || target.lostAtMs < fromMs) continue;
      yield* targetSeries(target, matchers, fromMs, untilMs);
      if (metrics.length === 0) continue;
      for (const group of groups.values()) {
        if (!others.every((m) => m.matches(group.labels[m.name] ?? ""))) continue;
        yield* groupSeries(group, metrics, fromMs, untilMs);
      }
    }
  }
}

const accepts = (matchers: readonly Matcher[], value: string): boolean => matchers.every((m) => m.matches(value));

function* groupSeries(
  group: SeriesGroup,
  metrics: readonly GroupMetric[],
  fromMs: number,
  toMs: number,
): Iterable<SampleSeries> {
  const wanted = metrics.filter((metric) => metric.protocol === group.protocol);
  if (wanted.length === 0) return;
  const scrapes = scrapesOf(group, fromMs, toMs);
  for (const metric of wanted) {
    const samples = groupSamples(group, scrapes, metric.measure, fromMs, toMs);
    if (samples === null) continue;
    const named = { ...group.labels, [METRIC_NAME]: metric.name };
    yield { labels: metric.le === null ? named : { ...named, [LE]: metric.le }, ...samples };
  }
}

function* targetSeries(
  target: ScrapeTarget,
  matchers: readonly Matcher[],
  fromMs: number,
  toMs: number,
): Iterable<SampleSeries> {
  const wanted = metricName(matchers);
  const asked = (labels: Labels): boolean =>
    (wanted === null || wanted === labels[METRIC_NAME]) && matchers.every((m) => m.matches(labels[m.name] ?? ""));
  for (const metric of TARGET_METRICS) {
    const labels = { ...metric.labels, ...target.labels, [METRIC_NAME]: metric.name };
    const samples = asked(labels) ? constantSamples(target, metric.value(target), fromMs, toMs) : null;
    if (samples !== null) yield { labels, ...samples };
  }
  const up = { ...target.labels, [METRIC_NAME]: "up" };
  const samples = asked(up) ? upSamples(target, fromMs, toMs) : null;
  if (samples !== null) yield { labels: up, ...samples };
}
