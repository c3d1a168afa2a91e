import type { ClusterSnapshot, Pod, Workload } from "../../src/core/model/cluster.ts";
import type { Grid, Observation } from "../../src/core/model/series.ts";
import { randomFrom } from "../../src/core/random.ts";

const COUNT = 300;
const PODS = 1_000;
const TEAMS = 20;

/** 300 services of 20 teams. */
export const SERVICES: readonly string[] = Array.from(
  { length: COUNT },
  (_, i) => `team-${i % TEAMS}/service-number-${i}`,
);

/**
 * Counts of all services on `grid`: steady traffic with noise, a failure now and then, three
 * latency bounds.
 */
export function observationOf(grid: Grid, seed: number): Observation {
  const random = randomFrom(seed);
  const around = (mean: number) =>
    new Float64Array(grid.steps).map(() => Math.round(mean * (0.85 + 0.3 * random.next())));
  const services = SERVICES.map((service, i) => ({
    service,
    reporter: "source" as const,
    requests: around(60 + 5 * i),
    failures: new Float64Array(grid.steps).map(() => (random.next() < 0.05 ? 1 : 0)),
    latency: {
      boundsMs: [50, 250, 1_000],
      successes: around(60 + 5 * i),
      slow: [around(20 + i), around(5 + i / 10), around(1)],
    },
    connections: null,
    valid: new Uint8Array(grid.steps).fill(1),
    flags: {},
  }));
  return { grid, services, sourceRequests: 8, notes: [] };
}

/** 300 Deployments with 1,000 pods. */
export function crowdedCluster(nowMs: number): ClusterSnapshot {
  const workloads = SERVICES.map((service, i): Workload => {
    const [namespace = "", name = ""] = service.split("/");
    return {
      kind: "Deployment",
      namespace,
      name,
      uid: uidOf(i),
      labels: { app: name, "app.kubernetes.io/part-of": namespace, version: "v1" },
      annotations: { "deployment.kubernetes.io/revision": "17" },
      replicas: 3,
      readyReplicas: 3,
      rollout: null,
      rolledOutAtMs: nowMs - i * 3_600_000,
      probes: [{ container: "app", kind: "readiness", handler: "httpGet", path: "/healthz", periodSeconds: 10 }],
      budgets: [],
      autoscaler: null,
      services: [service],
    };
  });
  const pods = Array.from({ length: PODS }, (_, i): Pod => {
    const { kind, namespace, name } = workloads[i % COUNT] as Workload;
    return {
      namespace,
      name: `${name}-6d4cf56db6-${uidOf(i).slice(0, 5)}`,
      uid: uidOf(COUNT + i),
      labels: { app: name, "pod-template-hash": "6d4cf56db6" },
      annotations: { "prometheus.io/scrape": "true" },
      workload: { kind, namespace, name },
      node: `node-${i % 40}`,
      phase: "Running",
      ready: true,
      readySinceMs: nowMs - i * 60_000,
      terminating: false,
      createdAtMs: nowMs - i * 60_000 - 5_000,
      restarts: i % 3,
      lastStartedAtMs: nowMs - i * 60_000,
      mirror: false,
    };
  });
  const namespaces = Array.from({ length: TEAMS }, (_, i) => ({
    name: `team-${i}`,
    labels: {},
    annotations: {},
    terminating: false,
  }));
  return { takenAtMs: nowMs, namespaces, nodes: [], workloads, pods };
}

/** Looks as random as a uid, and is as hard to pack. */
function uidOf(i: number): string {
  const random = randomFrom(i);
  const hex = Array.from({ length: 32 }, () => Math.floor(random.next() * 16).toString(16)).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
