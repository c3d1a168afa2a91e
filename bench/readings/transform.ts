import { AFTER_MS, BEFORE_MS, type Made, SCRAPE_MS, type Series, T0_MS } from "./world.ts";

/** What the server does to its answers. */
export type Twist = "none" | "partial" | "warning" | "info" | "too large" | "blanks" | "other key order";

export interface Transformation {
  readonly name: string;
  readonly change: (made: Made) => readonly Series[];
  readonly twist?: Twist;
  /** Labels that the configuration chooses a cluster with. */
  readonly matchers?: Readonly<Record<string, string>>;
}

type Labels = Readonly<Record<string, string>>;
const SCRAPED = ["job", "instance", "pod", "namespace"];

const relabelled = (series: readonly Series[], change: (labels: Labels) => Labels): readonly Series[] =>
  series.map((one) => ({ ...one, labels: change(one.labels) }));
const without = (labels: Labels, names: readonly string[]): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
const isUp = ({ labels }: Series): boolean => labels.__name__ === "up";

/**
 * The same series scraped again a little later, with other labels: what was counted in between
 * shows.
 */
const copied = (series: readonly Series[], change: (labels: Labels) => Labels): readonly Series[] =>
  relabelled(series, change).map((one) => ({ ...one, timesMs: one.timesMs.map((atMs) => atMs + 1_234) }));

/** Samples for which `keep` holds. */
const kept = (one: Series, keep: (atMs: number, i: number) => boolean): Series => {
  const at = one.timesMs.map((_, i) => i).filter((i) => keep(one.timesMs[i]!, i));
  return { ...one, timesMs: at.map((i) => one.timesMs[i]!), values: at.map((i) => one.values[i]!) };
};

/** Counters of all pods added up at whole scrapes, as a recording rule and a federation do. */
function summed(series: readonly Series[], more: Labels): readonly Series[] {
  const sums = new Map<string, { labels: Labels; byTime: Map<number, number> }>();
  for (const one of series.filter((each) => !isUp(each))) {
    const labels = { ...without(one.labels, SCRAPED), ...more };
    const key = JSON.stringify(labels);
    const sum = sums.get(key) ?? { labels, byTime: new Map() };
    sums.set(key, sum);
    one.timesMs.forEach((atMs, i) => {
      const at = Math.ceil(atMs / SCRAPE_MS) * SCRAPE_MS;
      sum.byTime.set(at, (sum.byTime.get(at) ?? 0) + one.values[i]!);
    });
  }
  return [...sums.values()].map(({ labels, byTime }) => {
    const at = [...byTime].sort(([a], [b]) => a - b);
    return { labels, timesMs: at.map(([atMs]) => atMs), values: at.map(([, value]) => value) };
  });
}

/** A life of three days before, so that what a pod takes with it is much. */
const aged = (series: readonly Series[]): readonly Series[] =>
  series.map((one) =>
    isUp(one) || one.labels.response_code !== "200"
      ? one
      : { ...one, values: one.values.map((value) => value + 1_000_000) },
  );

/** The first web pod ends at `atMs`, and another one begins a scrape later, at 0. */
function replaced(series: readonly Series[], atMs: number, change: (labels: Labels) => Labels): readonly Series[] {
  return series.flatMap((one) => {
    if (one.labels.pod !== "web-0") return [one];
    const before = kept(one, (at) => at <= atMs);
    const after = kept(one, (at) => at > atMs);
    const base = isUp(one) ? 0 : (before.values.at(-1) ?? 0);
    const fresh = { ...after, labels: change(one.labels), values: after.values.map((value) => value - base) };
    return [before, fresh].filter(({ timesMs }) => timesMs.length > 0);
  });
}

/**
 * Failures half an hour before, whose series was rotated away: it comes back at 0 when the next one
 * fails.
 */
function rotated(series: readonly Series[]): readonly Series[] {
  const earlyMs = T0_MS - 34 * 60_000;
  return series
    .flatMap((one): Series[] => {
      const { pod = "", response_code: code, destination_service_name: to, reporter } = one.labels;
      if (one.labels.__name__ !== "istio_requests_total" || reporter !== "source" || to !== "cart" || code !== "200")
        return [one];
      const labels = { ...one.labels, response_code: "503", response_flags: "UF" };
      const failed = series.find(
        (other) => other.labels.pod === pod && JSON.stringify(other.labels) === JSON.stringify(labels),
      );
      if (failed !== undefined) return [one];
      const early = kept(one, (at) => at >= earlyMs && at < earlyMs + 300_000);
      return [one, { ...early, labels, values: early.values.map(() => 2) }];
    })
    .map((one) => {
      if (one.labels.response_code !== "503" || one.labels.reporter !== "source" || one.timesMs[0]! < T0_MS) return one;
      const times = series.find((other) => isUp(other) && other.labels.pod === one.labels.pod)?.timesMs ?? [];
      const early = times.filter((at) => at >= earlyMs && at < earlyMs + 300_000);
      return { ...one, timesMs: [...early, ...one.timesMs], values: [...early.map(() => 2), ...one.values] };
    });
}

/** All web proxies begin anew in their pods three minutes after T0. */
function restarted(series: readonly Series[]): readonly Series[] {
  const atMs = T0_MS + 180_000;
  return series.map((one) => {
    if (isUp(one) || !one.labels.pod?.startsWith("web-")) return one;
    const base = one.values[one.timesMs.findLastIndex((at) => at <= atMs)] ?? 0;
    return { ...one, values: one.values.map((value, i) => (one.timesMs[i]! > atMs ? value - base : value)) };
  });
}

const onlyDestination = (series: readonly Series[], pods: readonly string[]): readonly Series[] =>
  series.filter(
    ({ labels }) =>
      labels.reporter !== "source" || labels.destination_service_name !== "cart" || !pods.includes(labels.pod ?? ""),
  );

/**
 * What a waypoint in the way says of the same requests: as the callers' proxies, attempts that were
 * retried included.
 */
const waypointOf = (series: readonly Series[]): readonly Series[] =>
  summed(
    series.filter(
      ({ labels }) =>
        labels.destination_service_name === "cart" &&
        (labels.reporter === "source" || (labels.reporter === "destination" && labels.response_code === "503")),
    ),
    { reporter: "waypoint", job: "kubernetes-pods", instance: "10.0.9.9:15020", namespace: "shop", pod: "waypoint-0" },
  );

const raw = ({ series }: Made): readonly Series[] => series;
const drop = (name: string): Transformation => ({
  name: `without ${name}`,
  change: ({ series }) => merged(relabelled(series, (labels) => without(labels, [name]))),
});

/** Series that became equal are one: their values add up, as far as they were scraped together. */
function merged(series: readonly Series[]): readonly Series[] {
  const groups = Map.groupBy(series, ({ labels }) => JSON.stringify(labels));
  return [...groups.values()].map((group) => {
    if (group.length === 1) return group[0]!;
    const byTime = new Map<number, number>();
    for (const { timesMs, values } of group) {
      for (const [i, at] of timesMs.entries()) byTime.set(at, (byTime.get(at) ?? 0) + values[i]!);
    }
    const at = [...byTime].sort(([a], [b]) => a - b);
    return { labels: group[0]!.labels, timesMs: at.map(([time]) => time), values: at.map(([, value]) => value) };
  });
}

const pseudo = (i: number): number => ((Math.imul(i + 1, 2654435761) >>> 0) % 1000) / 1000;

/** Each leaves what is true as it is. */
export const TRANSFORMATIONS: readonly Transformation[] = [
  { name: "plain", change: raw },
  {
    name: "second job",
    change: ({ series }) => [...series, ...copied(series, (of) => ({ ...of, job: "monitoring/envoy" }))],
  },
  {
    name: "second job, other port, no pod label",
    change: ({ series }) => [
      ...series,
      ...copied(series, (of) => ({
        ...without(of, ["pod", "namespace"]),
        job: "envoy",
        instance: of.instance!.replace("15020", "15090"),
      })),
    ],
  },
  {
    name: "second job for some pods",
    change: ({ series }) => [
      ...relabelled(series, (of) => (of.pod?.endsWith("-2") ? { ...of, job: "envoy" } : of)),
      ...copied(
        series.filter(({ labels }) => labels.pod?.endsWith("-1")),
        (of) => ({ ...of, job: "envoy" }),
      ),
    ],
  },
  {
    name: "replica labels",
    change: ({ series }) => [
      ...relabelled(series, (of) => ({ ...of, prometheus_replica: "a" })),
      ...copied(series, (of) => ({ ...of, prometheus_replica: "b" })),
    ],
  },
  {
    name: "replica labels, one with a hole",
    change: ({ series }) => [
      ...relabelled(series, (of) => ({ ...of, replica: "a" })).map((one) =>
        kept(one, (at) => Math.abs(at - T0_MS) > 10 * 60_000),
      ),
      ...copied(series, (of) => ({ ...of, replica: "b" })),
    ],
  },
  {
    name: "another cluster's copy",
    change: ({ series }) => [
      ...relabelled(series, (of) => ({ ...of, cluster: "eu" })),
      ...copied(series, (of) => ({ ...of, cluster: "us" })),
    ],
  },
  {
    name: "another cluster's copy, told by source_cluster",
    change: ({ series }) => [
      ...series,
      ...copied(series, (of) => ({
        ...of,
        instance: `us-${of.instance}`,
        pod: `us-${of.pod}`,
        source_cluster: "us",
        destination_cluster: "us",
      })),
    ],
  },
  {
    name: "another cluster's copy, one chosen",
    change: ({ series }) => [
      ...relabelled(series, (of) => ({ ...of, cluster: "eu" })),
      ...copied(series, (of) => ({ ...of, cluster: "us" })),
    ],
    matchers: { cluster: "eu" },
  },
  {
    name: "summed over pods",
    change: ({ series }) =>
      summed(
        replaced(aged(series), T0_MS + 30_000, (of) => ({ ...of, pod: "web-9" })),
        { job: "federate", instance: "prometheus:9090" },
      ),
  },
  {
    name: "summed over pods, twice",
    change: ({ series }) => {
      const of = replaced(aged(series), T0_MS + 30_000, (labels) => ({ ...labels, pod: "web-9" }));
      return [
        ...summed(of, { job: "federate", instance: "prometheus-0:9090" }),
        ...summed(of, { job: "federate", instance: "prometheus-1:9090" }),
      ];
    },
  },
  {
    name: "federated sums beside raw",
    change: ({ series }) => [...series, ...summed(series, { job: "federate", instance: "prometheus:9090" })],
  },
  { name: "rotated series", change: ({ series }) => rotated(series) },
  { name: "restart in place", change: ({ series }) => restarted(series) },
  {
    name: "renamed pod",
    change: ({ series }) =>
      replaced(series, T0_MS - 20 * 60_000, (of) => ({ ...of, pod: "web-9", instance: "10.0.1.99:15020" })),
  },
  {
    name: "replaced at T0",
    change: ({ series }) => replaced(series, T0_MS, (of) => ({ ...of, pod: "web-9", instance: "10.0.1.99:15020" })),
  },
  {
    name: "reused pod name, other address",
    change: ({ series }) => replaced(series, T0_MS - 20 * 60_000, (of) => ({ ...of, instance: "10.0.1.99:15020" })),
  },
  {
    name: "instance label that changes",
    change: ({ series }) =>
      series
        .flatMap((one) => [
          kept(one, (at) => at <= T0_MS + 120_000),
          {
            ...kept(one, (at) => at > T0_MS + 120_000),
            labels: { ...one.labels, instance: `${one.labels.pod}.shop:15020` },
          },
        ])
        .filter(({ timesMs }) => timesMs.length > 0),
  },
  drop("response_code"),
  drop("response_flags"),
  drop("pod"),
  drop("request_protocol"),
  drop("connection_security_policy"),
  drop("destination_workload"),
  drop("source_workload"),
  { name: "without le", change: ({ series }) => merged(relabelled(series, (of) => without(of, ["le"]))) },
  { name: "a waypoint beside", change: ({ series }) => [...series, ...waypointOf(series)] },
  { name: "source only", change: ({ series }) => series.filter(({ labels }) => labels.reporter !== "destination") },
  {
    name: "one caller's proxies not scraped",
    change: ({ series }) => onlyDestination(series, []).filter(({ labels }) => labels.pod !== "gateway-0"),
  },
  {
    name: "holes",
    change: ({ series }) =>
      series.map((one) => kept(one, (at) => at < T0_MS - 15 * 60_000 || at > T0_MS - 12 * 60_000)),
  },
  {
    name: "lost scrapes",
    change: ({ series }) =>
      series.map((one) => kept(one, (at) => pseudo(Math.floor(at / SCRAPE_MS) + (one.labels.pod ?? "").length) > 0.04)),
  },
  {
    name: "jitter",
    change: ({ series }) =>
      series.map((one) => ({
        ...one,
        timesMs: one.timesMs.map((at) => at + Math.floor(400 * pseudo(Math.floor(at / 1000)))),
      })),
  },
  {
    name: "bounds as Prometheus 3 writes them",
    change: ({ series }) =>
      relabelled(series, (of) => (of.le === undefined || of.le === "+Inf" ? of : { ...of, le: `${of.le}.0` })),
  },
  {
    name: "labels of another mesh feature",
    change: ({ series }) =>
      relabelled(series, (of) => ({ ...of, topology_zone: `z${of.pod?.at(-1)}`, app_kubernetes_io_name: "x" })),
  },
  { name: "partial answers", change: raw, twist: "partial" },
  { name: "storage warnings", change: raw, twist: "warning" },
  { name: "infos beside", change: raw, twist: "info" },
  { name: "refused as too large", change: raw, twist: "too large" },
  { name: "JSON with blanks", change: raw, twist: "blanks" },
  { name: "JSON in another order", change: raw, twist: "other key order" },
];

export const SPAN_MS = { fromMs: T0_MS - BEFORE_MS, toMs: T0_MS + AFTER_MS } as const;
