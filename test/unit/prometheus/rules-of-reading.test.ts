import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import {
  addDistribution,
  canRead,
  chooseBounds,
  chooseForm,
  coveredShare,
  type Distribution,
  isMixed,
} from "../../../src/adapters/prometheus/read/distribution.ts";
import { flagsOf, isFailure, type Labels, serviceOf } from "../../../src/adapters/prometheus/signals/classify.ts";
import { anyOf, boundSpellings, fillQuery, parseBound } from "../../../src/adapters/prometheus/signals/promql.ts";
import { chooseReporter } from "../../../src/adapters/prometheus/signals/reporter.ts";
import { loadSignals } from "../../../src/adapters/prometheus/signals/signals.ts";

const file = (name: string): string => readFileSync(new URL(`../../../rules/signals/${name}`, import.meta.url), "utf8");
const istio = file("istio.yaml");
const signals = loadSignals(istio);
const cases = parse(file("istio.test.yaml")) as { name: string; labels: Labels; failed: boolean; flags?: string[] }[];

describe("signals of Istio", () => {
  test.each(cases)("$name", ({ labels, failed, flags }) => {
    expect(isFailure(labels, signals)).toBe(failed);
    if (flags) expect(flagsOf(labels, signals)).toEqual(flags);
  });

  test("a service is named by its own labels, whatever the destination workload is", () => {
    const labels = {
      reporter: "source",
      destination_service_namespace: "shop",
      destination_service_name: "cart",
      destination_workload: "unknown",
    };
    expect(serviceOf(labels, signals)).toEqual({ namespace: "shop", name: "cart", reporter: "source" });
    expect(serviceOf({ ...labels, destination_service_name: "PassthroughCluster" }, signals)).toBeNull();
    expect(serviceOf({ ...labels, destination_service_namespace: "unknown" }, signals)).toBeNull();
    expect(serviceOf({ ...labels, reporter: "agent" }, signals)).toBeNull();
  });

  test.each([
    { name: "a misspelt key", from: "failure:", to: "fialure:", part: 'Unrecognized key: "fialure"' },
    {
      name: "an unknown placeholder",
      from: "$seconds",
      to: "$secs",
      part: "queries.historyRequests: $secs is not known here",
    },
    { name: "a query that is not PromQL", from: "now: 'time()'", to: "now: 'time('", part: "queries.now: not PromQL" },
    {
      name: "a metric's name as a regular expression",
      from: "newest: 'max(timestamp(istio_requests_total))'",
      to: `newest: 'max(timestamp({__name__=~"istio_requests_.*"}))'`,
      part: 'queries.newest: "{__name__=~',
    },
    {
      name: "a selector without a metric's name",
      from: "newest: 'max(timestamp(istio_requests_total))'",
      to: `newest: 'max(timestamp({reporter="source"}))'`,
      part: "must begin with the exact name of one metric",
    },
    {
      name: "a metric's name twice",
      from: "newest: 'max(timestamp(istio_requests_total))'",
      to: `newest: 'max(timestamp(istio_requests_total{__name__!="up"}))'`,
      part: "must begin with the exact name of one metric",
    },
    {
      name: "a bad regular expression",
      from: '"5..|0"',
      to: '"5..|(0"',
      part: "failure.any.0.matches: not a regular expression",
    },
    {
      name: "a label that cannot be one",
      from: "flags: response_flags",
      to: "flags: response-flags",
      part: "labels.flags: a label name",
    },
    { name: "no YAML", from: "mesh: istio", to: "mesh: [", part: "not YAML" },
  ])("$name is refused, with its place", ({ from, to, part }) => {
    expect(() => loadSignals(istio.replace(from, () => to))).toThrow(part);
  });
});

describe("PromQL", () => {
  test("names are matched literally, also strange ones", () => {
    expect(anyOf(["a.b", 'we"ird\\', "a.b"])).toBe('a\\\\.b|we\\"ird\\\\\\\\');
  });

  test("a placeholder without a value is a mistake of ours", () => {
    expect(() => fillQuery("x[$range]", {})).toThrow("$range");
    expect(fillQuery("x[$range]", { range: "$&" })).toBe("x[$&]");
  });

  test("bounds are found as Prometheus 2 and 3 write them", () => {
    expect(boundSpellings(1000)).toEqual(["1000", "1000.0"]);
    expect(boundSpellings(0.5)).toEqual(["0.5"]);
    expect(boundSpellings(600_000)).toEqual(["600000", "600000.0"]);
    expect(boundSpellings(1_800_000)).toEqual(["1800000", "1800000.0", "1.8e+06"]);
    expect(["1000", "1000.0", "1e+03", "+Inf", "", "x"].map(parseBound)).toEqual([
      1000,
      1000,
      1000,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      Number.NaN,
    ]);
  });
});

describe("whose report is believed", () => {
  test.each([
    {
      name: "clients, when they see as much as the server",
      source: 1000,
      waypoint: 0,
      destination: 1010,
      who: "source",
    },
    { name: "clients, when the difference may be chance", source: 7, waypoint: 0, destination: 9, who: "source" },
    {
      name: "the server, when callers are outside the mesh",
      source: 500,
      waypoint: 0,
      destination: 900,
      who: "destination",
    },
    { name: "the server, when all callers are", source: 0, waypoint: 0, destination: 3, who: "destination" },
    { name: "clients, when the server is dead", source: 1000, waypoint: 0, destination: 0, who: "source" },
    {
      name: "clients, also where a waypoint sees the same",
      source: 1000,
      waypoint: 1000,
      destination: 0,
      who: "source",
    },
    { name: "the waypoint, when clients have no proxy", source: 0, waypoint: 1000, destination: 0, who: "waypoint" },
    { name: "the waypoint, when some clients have none", source: 300, waypoint: 1000, destination: 0, who: "waypoint" },
    { name: "clients, when the waypoint is away", source: 1000, waypoint: 300, destination: 300, who: "source" },
    { name: "clients, when nobody saw anything", source: 0, waypoint: 0, destination: 0, who: "source" },
  ] as const)("$name", ({ who, ...totals }) => expect(chooseReporter(totals)).toBe(who));
});

describe("latency bounds", () => {
  const distributionOf = (
    cumulated: Readonly<Record<string, number>>,
    series: Readonly<Record<string, number>> = {},
  ) => {
    const distribution: Distribution = new Map();
    const labels = { reporter: "source", destination_service_namespace: "shop", destination_service_name: "cart" };
    const rows = Object.entries(cumulated).map(([le, value]) => ({ labels: { ...labels, le }, value }));
    const counts = Object.entries(series).map(([le, value]) => ({ labels: { ...labels, le, stat: "series" }, value }));
    addDistribution(distribution, [...rows, ...counts], signals);
    return distribution.get("shop/cart")?.get("source");
  };

  test("leave half, a tenth and a hundredth above them, as near as there are buckets", () => {
    const seen = distributionOf({ "10": 100, "25": 550, "50": 880, "100": 960, "250": 992, "500": 999, "+Inf": 1000 });
    expect(chooseBounds(seen)).toEqual([25, 50, 250]);
  });

  test("are fewer when one serves twice", () => {
    expect(chooseBounds(distributionOf({ "25": 0, "50": 1000, "+Inf": 1000 }))).toEqual([25, 50]);
  });

  test("there are none without successful requests", () => {
    expect(chooseBounds(undefined)).toEqual([]);
    expect(chooseBounds(distributionOf({ "25": 0, "+Inf": 0 }))).toEqual([]);
    expect(chooseBounds(distributionOf({ "25": 7 }))).toEqual([]);
  });

  test("that not every pod has are not used", () => {
    const cumulated = { "20": 300, "25": 250, "50": 880, "250": 992, "+Inf": 1000 };
    const seen = distributionOf(cumulated, { "20": 1, "25": 1, "50": 2, "250": 2, "+Inf": 2 });
    expect(isMixed(seen)).toBe(true);
    expect(chooseBounds(seen)).toEqual([50, 250]);
  });

  test("can be kept as long as their buckets exist", () => {
    const seen = distributionOf({ "25": 550, "50": 880, "+Inf": 1000 });
    expect(canRead(seen, [25, 50])).toBe(true);
    expect(canRead(seen, [25, 100])).toBe(false);
    expect(canRead(undefined, [25, 100])).toBe(true);
    expect(canRead(distributionOf({ "25": 0, "+Inf": 0 }), [100])).toBe(true);
  });

  test.each([
    { name: "classic buckets alone", classic: 100, native: 0, form: "classic" },
    { name: "native histograms alone", classic: 0, native: 100, form: "native" },
    { name: "both, which say the same", classic: 100, native: 100, form: "classic" },
    { name: "both, when only some pods still have classic ones", classic: 50, native: 100, form: "native" },
    { name: "neither", classic: 0, native: 0, form: "classic" },
  ])("$name: one form is read", ({ classic, native, form }) => {
    const seen = distributionOf({ "+Inf": classic });
    if (seen === undefined) throw new Error("nothing was seen");
    expect(chooseForm({ ...seen, native: { series: 1, successes: native, buckets: [] } })).toBe(form);
  });

  test.each([
    { name: "all of them", requests: 1000, counted: 1000, share: null },
    { name: "fewer by chance", requests: 1000, counted: 950, share: null },
    { name: "those of two pods of three", requests: 999, counted: 666, share: 2 / 3 },
    { name: "no request counter to compare with", requests: 0, counted: 666, share: null },
  ])("histograms that counted $name", ({ requests, counted, share }) => {
    const seen = distributionOf({ "+Inf": counted });
    if (seen === undefined) throw new Error("nothing was seen");
    expect(coveredShare({ ...seen, requests: new Map([["shop/web", requests]]) })).toBe(share);
  });
});
