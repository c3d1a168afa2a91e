/**
 * Small applications of other shapes than the tutorial's. What a fault does to each is known by how
 * they are made.
 */
export type Mesh = "stale-and-slow" | "stateful-and-retrying";

interface Part {
  readonly name: string;
  readonly replicas: number;
  /** Arguments of the program in our own image. */
  readonly args: readonly string[];
  readonly port: number;
  /** `tcp` for the database's own protocol. */
  readonly protocol: "http" | "tcp";
  readonly kind?: "Deployment" | "StatefulSet";
}

const http = (name: string, replicas: number, args: readonly string[]): Part => ({
  name,
  replicas,
  args: ["sample", ...args, "--port", "8080"],
  port: 8080,
  protocol: "http",
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

/** Two applications each, so that the other one is a bystander. */
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
};

/** What becomes of a service's failures after a fault, known by construction. */
export type Truth =
  /** They stay until somebody cures them. */
  | "stay"
  /** There are many, and they end. */
  | "end"
  /** There are none, or a few that end: another replica answers. */
  | "end-if-any";

export interface Scenario {
  readonly name: string;
  readonly mesh: Mesh;
  /** Workload that is hit. */
  readonly target: string;
  readonly fault: "pod-delete" | "pod-kill" | "http-abort";
  readonly failures: Readonly<Record<string, Truth>>;
  /** Deployment whose restart cures what stays. */
  readonly cure?: string;
}

/** In the order in which a lane plays those of its mesh. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "the connection to the database stays lost",
    mesh: "stale-and-slow",
    target: "db",
    fault: "pod-delete",
    failures: { app: "stay", front: "stay" },
    cure: "app",
  },
  {
    name: "one of two pods of a caller",
    mesh: "stale-and-slow",
    target: "front",
    fault: "pod-delete",
    failures: { front: "end-if-any", app: "end-if-any" },
  },
  {
    name: "a single pod that starts slowly",
    mesh: "stale-and-slow",
    target: "slow",
    fault: "pod-delete",
    failures: { slow: "end", edge: "end" },
  },
  {
    name: "one of two pods that answer",
    mesh: "stale-and-slow",
    target: "app",
    fault: "pod-kill",
    failures: { app: "end-if-any", front: "end-if-any" },
  },
  {
    name: "a StatefulSet of one pod, whose caller connects again",
    mesh: "stateful-and-retrying",
    target: "store",
    fault: "pod-delete",
    failures: { shop: "end-if-any" },
  },
  {
    name: "a third of the requests of a caller that retries fail",
    mesh: "stateful-and-retrying",
    target: "pay",
    fault: "http-abort",
    failures: { pay: "end", checkout: "end-if-any" },
  },
  {
    name: "one of two pods behind a caller that retries",
    mesh: "stateful-and-retrying",
    target: "pay",
    fault: "pod-kill",
    failures: { pay: "end-if-any", checkout: "end-if-any" },
  },
  {
    name: "one of two pods of a caller that retries",
    mesh: "stateful-and-retrying",
    target: "checkout",
    fault: "pod-delete",
    failures: { checkout: "end-if-any", pay: "end-if-any" },
  },
];

/** Workloads of a mesh that shams may name. */
export const workloadsOf = (mesh: Mesh): readonly string[] => PARTS[mesh].parts.map(({ name }) => name);

/** Kubernetes objects of one mesh in a namespace of its own, with steady traffic. */
export function manifests(mesh: Mesh, namespace: string, image: string, perSecond: number): object[] {
  const { parts, entries } = PARTS[mesh];
  return [
    {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace, labels: { "istio-injection": "enabled", "lab-mesh": "on", "aftershock-lab": "on" } },
    },
    ...parts.flatMap((part) => [serviceOf(part, namespace), workloadOf(part, namespace, image)]),
    ...entries.map((entry) => workloadOf(trafficTo(entry, perSecond), namespace, image)),
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

function workloadOf(part: Part, namespace: string, image: string): object {
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
        metadata: { labels: { app: name, version: "v1" } },
        spec: {
          terminationGracePeriodSeconds: 10,
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
