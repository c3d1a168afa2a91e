/**
 * Small applications of other shapes than the tutorial's. What a fault does to each is known by how
 * they are made.
 */
export type Mesh = "stale-and-slow" | "stateful-and-retrying" | "together-on-a-node";

/** Label and taint of the nodes that are drained and powered off: nothing else lives there. */
export const NODE_POOL = { key: "aftershock-lab", value: "nodes" } as const;

export interface Part {
  readonly name: string;
  readonly replicas: number;
  /** Arguments of the program in our own image. */
  readonly args: readonly string[];
  readonly port: number;
  /** `tcp` for the database's own protocol. */
  readonly protocol: "http" | "tcp";
  readonly kind?: "Deployment" | "StatefulSet";
  readonly place?: Place;
}

/** Where pods live on the nodes of the pool. */
interface Place {
  /** Each on a node of its own. */
  readonly apart?: boolean;
  /** On a node that has a pod of this part. */
  readonly with?: string;
}

/** Our own image as a part of an application; `args` begin with what it plays. */
export const http = (name: string, replicas: number, args: readonly string[], place?: Place): Part => ({
  name,
  replicas,
  args: ["sample", ...args, "--port", "8080"],
  port: 8080,
  protocol: "http",
  ...(place !== undefined && { place }),
});
const database = (name: string, kind: Part["kind"]): Part => ({
  name,
  replicas: 1,
  args: ["sample", "db", "--port", "5000"],
  port: 5000,
  protocol: "tcp",
  ...(kind !== undefined && { kind }),
});

/** Seconds that the slow starter takes until it answers. */
const SLOW_START_S = 20;
/** Long enough that callers see it, and over within the early window of every kind. */
const START_S = 10;

/**
 * Two applications each, so that the other one is a bystander. In the last, wherever `single` is
 * lives a pod of every workload, so that one node takes all four; the pairs have another elsewhere.
 */
const PARTS: Readonly<Record<Mesh, { readonly parts: readonly Part[]; readonly entries: readonly string[] }>> = {
  "stale-and-slow": {
    parts: [
      database("db", "Deployment"),
      http("app", 2, ["go-app", "--db", "db:5000", "--db-mode", "stale"]),
      http("front", 2, ["repeater", "--upstream", "http://app:8080"]),
      http("slow", 1, ["leaf", "--start-delay", String(SLOW_START_S)]),
      http("edge", 1, ["repeater", "--upstream", "http://slow:8080"]),
    ],
    entries: ["front", "edge"],
  },
  "stateful-and-retrying": {
    parts: [
      database("store", "StatefulSet"),
      http("shop", 2, ["go-app", "--db", "store-0.store:5000", "--db-mode", "reconnect"]),
      http("pay", 2, ["leaf"]),
      http("checkout", 2, ["repeater", "--upstream", "http://pay:8080", "--attempts", "3"]),
    ],
    entries: ["shop", "checkout"],
  },
  "together-on-a-node": {
    parts: [
      http("pair", 2, ["leaf"], { apart: true }),
      http("waiting", 2, ["repeater", "--upstream", "http://single:8080"], { apart: true, with: "pair" }),
      http("single", 1, ["leaf", "--start-delay", String(START_S)], { with: "waiting" }),
      http("beside", 1, ["leaf", "--start-delay", String(START_S)], { with: "single" }),
    ],
    entries: ["waiting", "beside", "pair"],
  },
};

/** Workloads of a mesh that shams may name. */
export const workloadsOf = (mesh: Mesh): readonly string[] => PARTS[mesh].parts.map(({ name }) => name);

export interface Setting {
  readonly image: string;
  /** Requests a second into each application. */
  readonly rate: number;
  /** All nodes of the cluster. */
  readonly nodes: readonly string[];
}

/** Kubernetes objects of one mesh in a namespace of its own, with steady traffic. */
export function manifests(mesh: Mesh, namespace: string, { image, rate, nodes }: Setting): object[] {
  return application(PARTS[mesh], namespace, { image, rate, nodes });
}

/** The same of parts of one's own; `entries` are sent `rate` requests a second each. */
export function application(
  { parts, entries }: { readonly parts: readonly Part[]; readonly entries: readonly string[] },
  namespace: string,
  { image, rate, nodes }: Setting,
): object[] {
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "istio-injection": "enabled", "lab-mesh": "on", "aftershock-lab": "on" } },
    },
    ...parts.flatMap((part) => [serviceOf(part, namespace), workloadOf(part, namespace, image)]),
    ...entries.map((entry) => workloadOf(trafficTo(entry, rate), namespace, image)),
    pressureOf(nodes, namespace, image),
  ];
}

const trafficTo = (entry: string, perSecond: number): Part => ({
  name: `load-${entry}`,
  replicas: 1,
  args: ["traffic", "--target", `http://${entry}:8080`, "--rate", String(perSecond), "--duration", "24h"],
  port: 0,
  protocol: "http",
});

const serviceOf = ({ name, port, protocol, kind }: Part, namespace: string): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace, labels: { app: name } },
  spec: {
    selector: { app: name },
    ports: [{ name: `${protocol}-main`, port, targetPort: port }],
    ...(kind === "StatefulSet" && { clusterIP: "None" }),
  },
});

/**
 * Stands in for node exporter, in no mesh: a machine that is too slow is told from a fault. The
 * nodes of ../shared/kube-lab share one kernel, hence one pressure. Each namespace has its own, for
 * a lane's installation sees that alone.
 */
function pressureOf(nodes: readonly string[], namespace: string, image: string): object {
  const args = ["sample", "node-pressure", "--port", "9100", "--nodes", nodes.join(",")];
  const part: Part = { name: "node-pressure", replicas: 1, args, port: 0, protocol: "http" };
  return workloadOf(part, namespace, image, {
    labels: { "sidecar.istio.io/inject": "false" },
    annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9100", "prometheus.io/path": "/metrics" },
  });
}

interface PodMeta {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

function workloadOf(part: Part, namespace: string, image: string, meta: PodMeta = {}): object {
  const { name, replicas, port, protocol, kind = "Deployment" } = part;
  const probe = protocol === "tcp" ? { tcpSocket: { port } } : { httpGet: { path: "/healthz", port } };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      ...(kind === "StatefulSet" && { serviceName: name }),
      template: {
        metadata: { ...meta, labels: { app: name, version: "v1", ...meta.labels } },
        spec: {
          terminationGracePeriodSeconds: 10,
          ...(part.place !== undefined && placed(name, part.place)),
          containers: [
            {
              name: "main",
              image,
              imagePullPolicy: "IfNotPresent",
              args: part.args,
              ...(port > 0 && {
                ports: [{ containerPort: port }],
                readinessProbe: { ...probe, periodSeconds: 3, timeoutSeconds: 5 },
              }),
              resources: { requests: { cpu: "5m", memory: "32Mi" }, limits: { memory: "192Mi" } },
            },
          ],
        },
      },
    },
  };
}

function placed(name: string, { apart = false, with: other }: Place): object {
  const near = (app: string) => [{ topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app } } }];
  return {
    nodeSelector: { [NODE_POOL.key]: NODE_POOL.value },
    tolerations: [{ key: NODE_POOL.key, operator: "Equal", value: NODE_POOL.value, effect: "NoSchedule" }],
    affinity: {
      ...(other !== undefined && { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: near(other) } }),
      ...(apart && { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: near(name) } }),
    },
  };
}
