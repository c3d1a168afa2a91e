import {
  aged,
  asGrpc,
  copied,
  isBucket,
  isUp,
  kept,
  type Labels,
  merged,
  nativeOf,
  relabelled,
  replaced,
  restarted,
  rotated,
  summed,
  unscraped,
  waypointOf,
  wentAway,
  without,
} from "./change.ts";
import { AFTER_MS, BEFORE_MS, type Made, SCRAPE_MS, type Series, T0_MS } from "./world.ts";

/** What the server does to its answers. */
export type Twist =
  | "none"
  | "partial"
  | "warning"
  | "info"
  | "too large"
  | "blanks"
  | "other key order"
  | "escapes"
  | "unknown keys"
  | "early end"
  | "whole steps"
  | "too large for a tenant"
  | "too many services";

export interface Transformation {
  readonly name: string;
  readonly change: (made: Made) => readonly Series[];
  readonly twist?: Twist;
  /** Labels that the configuration chooses a cluster with. */
  readonly matchers?: Readonly<Record<string, string>>;
  /** Callers whose failures nobody sees who is scraped. */
  readonly unseenFailures?: readonly Caller[];
  /** Some requests are told as neither successes nor failures. */
  readonly fewerSuccesses?: boolean;
}
export type Caller = "web" | "app";

const raw = ({ series }: Made): readonly Series[] => series;
const drop = (name: string): Transformation => ({
  name: `without ${name}`,
  change: ({ series }) => merged(relabelled(series, (labels) => without(labels, [name]))),
});

const isFirst = ({ labels }: Series): boolean => labels.pod?.endsWith("-0") === true;
const otherPod = ({ pod = "" }: Labels): string => pod.replace(/\d+$/, "9");
const otherAddress = ({ instance = "" }: Labels): string => instance.replace(/\.\d+:/, ".99:");
const other = (of: Labels): Labels => ({ ...of, pod: otherPod(of), instance: otherAddress(of) });
const pseudo = (i: number): number => ((Math.imul(i + 1, 2654435761) >>> 0) % 1000) / 1000;

/** Bounds that pods with other buckets have. */
const FEW: readonly string[] = ["5", "10", "1000", "+Inf"];
/** As a Prometheus has it that federates another one without `honor_labels`. */
const handedOn = ({ job = "", instance = "", namespace = "", pod = "", ...rest }: Labels): Labels => ({
  ...rest,
  ...{ job: "federate", instance: "10.0.8.8:9090", namespace: "monitoring", pod: "prometheus-0" },
  ...{ exported_job: job, exported_instance: instance, exported_namespace: namespace, exported_pod: pod },
});

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
    name: "replica labels that nobody listed",
    change: ({ series }) => [
      ...relabelled(series, (of) => ({ ...of, receiver_id: "a" })),
      ...copied(series, (of) => ({ ...of, receiver_id: "b" })),
    ],
  },
  {
    name: "federated, with its own labels renamed",
    change: ({ series }) =>
      relabelled(
        series.filter((one) => !isUp(one)),
        handedOn,
      ),
  },
  {
    name: "federated beside raw, with its own labels renamed",
    change: ({ series }) => [
      ...series,
      ...copied(
        series.filter((one) => !isUp(one)),
        handedOn,
      ),
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
        replaced(aged(series), T0_MS + 30_000, (of) => ({ ...of, pod: otherPod(of) })),
        { job: "federate", instance: "prometheus:9090" },
      ),
  },
  {
    name: "summed over pods, twice",
    change: ({ series }) => {
      const of = replaced(aged(series), T0_MS + 30_000, (labels) => ({ ...labels, pod: otherPod(labels) }));
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
  { name: "renamed pod", change: ({ series }) => replaced(series, T0_MS - 20 * 60_000, other) },
  { name: "replaced at T0", change: ({ series }) => replaced(series, T0_MS, other) },
  {
    name: "reused pod name, other address",
    change: ({ series }) => replaced(series, T0_MS - 20 * 60_000, (of) => ({ ...of, instance: otherAddress(of) })),
  },
  {
    name: "reused address, other pod name",
    change: ({ series }) => replaced(series, T0_MS - 20 * 60_000, (of) => ({ ...of, pod: otherPod(of) })),
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
  drop("reporter"),
  drop("destination_service_name"),
  drop("destination_service_namespace"),
  drop("destination_service"),
  drop("source_workload_namespace"),
  drop("source_cluster"),
  drop("job"),
  drop("instance"),
  drop("namespace"),
  {
    name: "without pod and instance",
    change: ({ series }) => merged(relabelled(series, (of) => without(of, ["pod", "instance"]))),
  },
  { name: "gRPC", change: ({ series }) => asGrpc(series) },
  {
    name: "gRPC without its status",
    change: ({ series }) => merged(relabelled(asGrpc(series), (of) => without(of, ["grpc_response_status"]))),
  },
  {
    name: "callers that go away",
    change: ({ series }) => wentAway(series, { response_code: "0", response_flags: "DC" }),
    fewerSuccesses: true,
  },
  {
    name: "callers that go away, as nginx tells it",
    change: ({ series }) => wentAway(series, { response_code: "499", response_flags: "-" }),
  },
  { name: "without le", change: ({ series }) => merged(relabelled(series, (of) => without(of, ["le"]))) },
  { name: "a waypoint beside", change: ({ series }) => [...series, ...waypointOf(series)] },
  { name: "source only", change: ({ series }) => series.filter(({ labels }) => labels.reporter !== "destination") },
  {
    name: "a waypoint alone",
    change: ({ series }) => [
      ...unscraped(unscraped(series, "web"), "app").filter(({ labels }) => labels.reporter !== "destination"),
      ...waypointOf(series.filter(({ labels }) => labels.reporter === "source")),
    ],
  },
  {
    name: "one caller's proxies not scraped",
    change: ({ series }) => unscraped(series, "app"),
    unseenFailures: ["app"],
  },
  {
    name: "one caller seen by a waypoint alone",
    change: ({ series }) => [
      ...unscraped(series, "app"),
      ...waypointOf(series.filter(({ labels }) => labels.reporter === "source" && labels.source_workload === "app")),
    ],
  },
  {
    name: "holes",
    change: ({ series }) =>
      series.map((one) => kept(one, (at) => at < T0_MS - 15 * 60_000 || at > T0_MS - 12 * 60_000)),
  },
  {
    name: "a Prometheus that restarts during the experiment",
    change: ({ series }) => series.map((one) => kept(one, (at) => at < T0_MS + 4 * 60_000 || at > T0_MS + 7 * 60_000)),
  },
  {
    name: "a Prometheus that is away when it begins",
    change: ({ series }) => series.map((one) => kept(one, (at) => at < T0_MS - 30_000 || at > T0_MS + 150_000)),
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
    name: "other buckets in a pod that was replaced",
    change: ({ series }) => [
      ...replaced(series, T0_MS, other).filter(
        ({ labels: { le, pod } }) => le === undefined || !(pod ?? "").endsWith("-9") || FEW.includes(le),
      ),
    ],
  },
  {
    name: "native histograms beside classic",
    change: ({ series }) => [...series, ...nativeOf(series)],
  },
  {
    name: "native histograms alone",
    change: ({ series }) => [...series.filter((one) => !isBucket(one)), ...nativeOf(series)],
  },
  {
    name: "native histograms beside classic of some pods",
    change: ({ series }) => [...series, ...nativeOf(series.filter(isFirst))],
  },
  {
    name: "native histograms of all pods, classic of some",
    change: ({ series }) => [...series.filter((one) => !isBucket(one) || isFirst(one)), ...nativeOf(series)],
  },
  {
    name: "native histograms of some pods",
    change: ({ series }) => [
      ...series.filter((one) => !isBucket(one) || !isFirst(one)),
      ...nativeOf(series.filter(isFirst)),
    ],
  },
  {
    name: "native histograms without response_code",
    change: ({ series }) => {
      const codeless = merged(relabelled(series, (of) => without(of, ["response_code"])));
      return [...codeless.filter((one) => !isBucket(one)), ...nativeOf(codeless)];
    },
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
  { name: "refused as too large in Mimir's words", change: raw, twist: "too large for a tenant" },
  { name: "range queries moved to whole steps", change: raw, twist: "whole steps" },
  { name: "JSON with blanks", change: raw, twist: "blanks" },
  { name: "JSON in another order", change: raw, twist: "other key order" },
  { name: "JSON with escapes", change: raw, twist: "escapes" },
  { name: "JSON with unknown keys", change: raw, twist: "unknown keys" },
  { name: "a body that ends early", change: raw, twist: "early end" },
  { name: "refused as too large for all services at once", change: raw, twist: "too many services" },
];

export const SPAN_MS = { fromMs: T0_MS - BEFORE_MS, toMs: T0_MS + AFTER_MS } as const;
