import type { Row } from "../../src/adapters/prometheus/client/instant.ts";
import { MatrixReader, type OnSeries } from "../../src/adapters/prometheus/client/matrix-reader.ts";
import type { Session } from "../../src/adapters/prometheus/client/session.ts";
import { type Random, randomOf } from "../lib/random.ts";
import type { BucketSpec, CounterSpec, FuzzCase, Quirk } from "./cases.ts";
import { GRID, STEP_MS, T0_MS } from "./windows.ts";

/** Seconds before the grid from which there are samples. */
const LEAD_S = 240;
const BOUNDS = ["10", "100", "100.0", "2500", "+Inf"] as const;

type Sample = [seconds: number, value: string];

const labelsOf = (fuzz: FuzzCase, service: number, more: Readonly<Record<string, string>>) => ({
  destination_service_namespace: "shop",
  destination_service_name: fuzz.names[service]!,
  ...more,
});

function samplesOf(spec: CounterSpec, scrapeS: number): Sample[] {
  const random = randomOf(spec.seed);
  const has = (quirk: Quirk): boolean => spec.quirks.includes(quirk);
  const startS =
    GRID.startMs / 1_000 - LEAD_S + random.int(scrapeS) + (has("clock-skew") ? random.int(2_000) - 1_000 : 0);
  const endS = (GRID.startMs + GRID.steps * GRID.stepMs) / 1_000;
  const samples: Sample[] = [];
  let total = 10 * spec.before;
  for (let at = startS; at < endS; at += has("other-interval") && at * 1_000 > T0_MS ? 3 * scrapeS : scrapeS) {
    const perScrape = at * 1_000 > T0_MS ? spec.after : spec.before;
    total += perScrape === 0 ? 0 : random.poisson(perScrape);
    samples.push([at, String(total)]);
  }
  for (const quirk of spec.quirks) spoil(samples, quirk, random);
  return samples;
}

/** Makes samples as odd as `quirk` says. */
function spoil(samples: Sample[], quirk: Quirk, random: Random): void {
  const at = random.int(Math.max(samples.length, 1));
  const one = samples[at];
  if (one === undefined) return;
  const rest = (change: (value: number) => number): void => {
    for (let i = at; i < samples.length; i++) samples[i]![1] = String(change(Number(samples[i]![1])));
  };
  switch (quirk) {
    case "reset":
      rest((value) => Math.max(value - Number(one[1]), 0));
      return;
    case "backwards":
      one[1] = String(Number(one[1]) / 2);
      return;
    case "vanishes":
      samples.length = at;
      return;
    case "comes-back":
      samples.splice(at, 1 + random.int(samples.length));
      return;
    case "born-late":
      samples.splice(0, at);
      return;
    case "NaN":
    case "+Inf":
    case "-Inf":
      one[1] = quirk;
      return;
    case "negative":
      one[1] = "-7";
      return;
    case "huge":
      one[1] = "1.7976931348623157e+308";
      return;
    case "fraction":
      rest((value) => value + 0.3);
      return;
    case "empty":
      samples.length = 0;
      return;
    case "one-sample":
      samples.splice(0, samples.length, one);
      return;
    case "duplicate":
      samples.splice(at, 0, [one[0], "3"]);
      return;
    case "unsorted":
      samples.reverse();
      return;
    case "other-interval":
    case "clock-skew":
      return;
  }
}

const TCP = { opened: "opened_total", failed: "failed_total", closed: "closed_total" } as const;

function counterSeries(fuzz: FuzzCase, spec: CounterSpec): { metric: object; values: Sample[] } {
  const proxy = { job: "mesh", instance: `10.0.0.${spec.pod}:15020`, pod: `p-${spec.pod}` };
  const tcp = spec.counts in TCP ? TCP[spec.counts as keyof typeof TCP] : null;
  const metric = labelsOf(fuzz, spec.service, {
    __name__: tcp === null ? "istio_requests_total" : `istio_tcp_connections_${tcp}`,
    reporter: spec.reporter,
    response_code: tcp === null ? spec.counts : "",
    response_flags: spec.counts === "503" ? "UF,URX" : "-",
    ...proxy,
  });
  return { metric, values: samplesOf(spec, fuzz.scrapeS) };
}

/** Successful requests at or under each bound, a step. */
function bucketSeries(fuzz: FuzzCase, spec: BucketSpec): { metric: object; values: Sample[] }[] {
  const random = randomOf(spec.seed);
  const steps = Array.from({ length: GRID.steps }, (_, i) => {
    const all = spec.perStep === 0 ? 0 : random.poisson(spec.perStep);
    const atMs = GRID.startMs + (i + 1) * STEP_MS;
    return { at: atMs / 1_000, all, slow: atMs > T0_MS ? spec.slowAfter : 0.01 };
  });
  return BOUNDS.map((le, b) => {
    const values = steps.map(({ at, all, slow }): Sample => {
      const fast = le === "+Inf" ? all : Math.floor(all * (1 - slow / (b + 1)));
      return [at, String(fast)];
    });
    for (const quirk of spec.quirks) spoil(values, quirk, random);
    return { metric: labelsOf(fuzz, spec.service, { reporter: "source", le }), values };
  });
}

function distributionRows(fuzz: FuzzCase): Row[] {
  return fuzz.buckets.flatMap((spec) =>
    BOUNDS.flatMap((le, b): Row[] => {
      const labels = labelsOf(fuzz, spec.service, { reporter: "source", le });
      const odd = spec.quirks.includes("NaN") && b === 1 ? Number.NaN : 10 * spec.perStep * (1 - 0.4 / (b + 1));
      return [
        { labels, value: odd },
        { labels: { ...labels, stat: "series" }, value: spec.mixed && b === 2 ? 1 : 3 },
      ];
    }),
  );
}

/** The answer of a server, read in pieces of odd length. */
function read(series: readonly { metric: object; values: Sample[] }[], random: Random, onSeries: OnSeries): void {
  const text = JSON.stringify({ status: "success", data: { resultType: "matrix", result: series } });
  const bytes = Buffer.from(text);
  const reader = new MatrixReader(onSeries);
  for (let at = 0; at < bytes.length; ) {
    const to = at + 1 + random.int(bytes.length);
    reader.push(bytes.subarray(at, to));
    at = to;
  }
  reader.end();
}

/**
 * A metrics source that answers what the case says, through the same reader as a real one's
 * answers.
 */
export function sessionOf(fuzz: FuzzCase): Session {
  const random = randomOf(fuzz.seed);
  const isTcp = (spec: CounterSpec): boolean => spec.counts in TCP;
  const started = [0, 1, 2].map((pod) => ({
    metric: { __name__: "up", job: "mesh", instance: `10.0.0.${pod}:15020`, pod: `p-${pod}` },
    values: [[GRID.startMs / 1_000 - random.int(400), "1"] as Sample],
  }));
  return {
    signal: new AbortController().signal,
    rows: async () => distributionRows(fuzz),
    raw: async (query, _timeMs, onSeries) => {
      if (query.startsWith("up{")) return read(started, random, onSeries);
      if (query.startsWith("istio_agent")) return read([], random, onSeries);
      const tcp = Object.entries(TCP).find(([, name]) => query.includes(`connections_${name}`))?.[0];
      const isAsked = (spec: CounterSpec): boolean => (isTcp(spec) ? spec.counts === tcp : tcp === undefined);
      const wanted = fuzz.counters.filter((spec) => isAsked(spec) && query.includes(spec.reporter));
      read(
        wanted.map((spec) => counterSeries(fuzz, spec)),
        random,
        onSeries,
      );
    },
    range: async (_query, _span, onSeries) =>
      read(
        fuzz.buckets.flatMap((spec) => bucketSeries(fuzz, spec)),
        random,
        onSeries,
      ),
    requests: () => 1,
  };
}
