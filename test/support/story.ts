import type { DiagnosisInput } from "../../src/core/diagnose/input.ts";
import type {
  CallEdge,
  ClusterNode,
  ClusterSnapshot,
  Pod,
  Probe,
  Workload,
  WorkloadRef,
} from "../../src/core/model/cluster.ts";
import { SECOND_MS } from "../../src/core/model/units.ts";
import type { Effect, Judgement, Signal, SignalVerdict, Verdict } from "../../src/core/model/verdict.ts";
import { worstVerdict } from "../../src/core/model/verdict.ts";
import { experimentPlan, T0 } from "./experiments.ts";

/**
 * The story of repeater → go-app → go-app-db, as data: small builders, and the moment after the
 * database pod was lost.
 */

export const deployment = (name: string): WorkloadRef => ({ kind: "Deployment", namespace: "go-app", name });

const readiness = (handler: Probe["handler"], path: string | null): Probe => ({
  container: "app",
  kind: "readiness",
  handler,
  path,
  periodSeconds: 2,
});

export function workload(name: string, replicas: number, changes: Partial<Workload> = {}): Workload {
  return {
    ...deployment(name),
    uid: `uid-of-${name}`,
    labels: { app: name },
    annotations: {},
    replicas,
    readyReplicas: replicas,
    rollout: null,
    rolledOutAtMs: T0 - 86_400_000,
    probes: [name.endsWith("-db") ? readiness("tcpSocket", null) : readiness("httpGet", "/healthz")],
    budgets: [],
    autoscaler: null,
    services: [`go-app/${name}`],
    ...changes,
  };
}

export function pod(of: string, uid: string, changes: Partial<Pod> = {}): Pod {
  const createdAtMs = T0 - 3_600_000;
  return {
    namespace: "go-app",
    name: `${of}-${uid}`,
    uid,
    labels: { app: of },
    annotations: {},
    workload: deployment(of),
    node: "node-a",
    phase: "Running",
    ready: true,
    readySinceMs: (changes.createdAtMs ?? createdAtMs) + 4 * SECOND_MS,
    terminating: false,
    createdAtMs,
    restarts: 0,
    lastStartedAtMs: (changes.createdAtMs ?? createdAtMs) + SECOND_MS,
    mirror: false,
    ...changes,
  };
}

export const node = (name: string, zone: string): ClusterNode => ({
  name,
  zone,
  ready: true,
  schedulable: true,
  pressure: [],
  labels: {},
});

export function snapshot(
  takenAtMs: number,
  workloads: readonly Workload[],
  pods: readonly Pod[],
  nodes: readonly ClusterNode[] = [node("node-a", "a"), node("node-b", "b"), node("node-c", "c")],
): ClusterSnapshot {
  return { takenAtMs, namespaces: [], nodes, workloads, pods };
}

export const STORY_WORKLOADS: readonly Workload[] = [
  workload("repeater", 2),
  workload("go-app", 2),
  workload("go-app-db", 1),
];

export const STORY_PODS: readonly Pod[] = [
  pod("repeater", "r1"),
  pod("repeater", "r2", { node: "node-b" }),
  pod("go-app", "g1"),
  pod("go-app", "g2", { node: "node-b" }),
  pod("go-app-db", "d1"),
];

export const STORY_EDGES: readonly CallEdge[] = [
  {
    caller: { kind: "Other", namespace: "istio-system", name: "gateway" },
    callee: "go-app/repeater",
    protocol: "http",
    perSecond: 20,
  },
  { caller: deployment("repeater"), callee: "go-app/go-app", protocol: "http", perSecond: 20 },
  { caller: deployment("go-app"), callee: "go-app/go-app-db", protocol: "tcp", perSecond: 0 },
];

const interval = (point: number, spread: number) => ({
  point,
  low: point - spread,
  high: point + spread,
  level: 0.95,
});

export const failureEffect = (before: number, after: number, excess = 3_000): Effect => ({
  unit: "share",
  before,
  after,
  change: interval(after - before, 0.02),
  excess,
  boundMs: null,
});

/** A fall of the request rate to `ratio` of what it was. */
export const ratioEffect = (ratio: number): Effect => ({
  unit: "ratio",
  before: 1,
  after: ratio,
  change: interval(ratio, 0.1),
  excess: 0,
  boundMs: null,
});

/** Answers slower than 250 ms, as shares. */
export const slowEffect = (before: number, after: number): Effect => ({
  ...failureEffect(before, after),
  boundMs: 250,
});

export function signalVerdict(
  service: string,
  signal: Signal,
  verdict: Verdict,
  changes: Partial<SignalVerdict> = {},
): SignalVerdict {
  const tested = verdict.kind !== "inconclusive";
  return {
    service: `go-app/${service}`,
    signal,
    verdict,
    z: tested ? 1 : null,
    p: tested ? 0.2 : null,
    effect: null,
    onsetMs: null,
    minimumDetectable: null,
    learning: false,
    starved: false,
    requests: { before: 12_000, after: 18_000 },
    ...changes,
  };
}

export const recovered = (afterMs: number): Verdict => ({
  kind: "transient",
  recoveredAfterMs: interval(afterMs, 5 * SECOND_MS),
});

const onset = (atMs: number) => ({ point: atMs, low: atMs - 5 * SECOND_MS, high: atMs + 5 * SECOND_MS, level: 0.95 });

/** go-app and repeater fail for good, everything else is steady. */
export const STORY_VERDICTS: readonly SignalVerdict[] = [
  signalVerdict(
    "go-app",
    "failures",
    { kind: "persistent" },
    { effect: failureEffect(0, 0.503, 3_017), z: 41.2, p: 1e-12, onsetMs: onset(T0 + 3 * SECOND_MS) },
  ),
  signalVerdict("go-app", "latency", { kind: "steady" }, { minimumDetectable: 0.18 }),
  signalVerdict("go-app", "rate", { kind: "steady" }, { minimumDetectable: 0.09 }),
  signalVerdict(
    "repeater",
    "failures",
    { kind: "persistent" },
    { effect: failureEffect(0, 0.5, 3_002), z: 40.8, p: 1e-12, onsetMs: onset(T0 + 4 * SECOND_MS) },
  ),
  signalVerdict("repeater", "latency", { kind: "steady" }, { minimumDetectable: 0.2 }),
  signalVerdict("go-app-db", "connections", {
    kind: "inconclusive",
    why: "no-traffic",
    detail: "no connection was opened in the window",
  }),
];

export function judgement(verdicts: readonly SignalVerdict[], changes: Partial<Judgement> = {}): Judgement {
  return {
    verdicts,
    origin: "go-app/go-app",
    headline: worstVerdict(verdicts.map(({ verdict }) => verdict.kind)),
    learning: false,
    notes: [],
    sourceRequests: 9,
    ...changes,
  };
}

/**
 * The database pod was deleted, its replacement is Ready after 12 s, everybody else is untouched.
 */
export function databaseLost(changes: Partial<DiagnosisInput> = {}): DiagnosisInput {
  const replacement = pod("go-app-db", "d2", {
    node: "node-c",
    createdAtMs: T0 + SECOND_MS,
    readySinceMs: T0 + 12 * SECOND_MS,
    lastStartedAtMs: T0 + 4 * SECOND_MS,
  });
  return {
    plan: experimentPlan(),
    choice: {
      target: {
        workload: deployment("go-app-db"),
        services: ["go-app/go-app-db"],
        pods: [{ namespace: "go-app", name: "go-app-db-d1", uid: "d1" }],
        node: null,
        zone: null,
      },
      fault: { kind: "pod-delete" },
    },
    t0Ms: T0,
    clearMs: T0 + 12 * SECOND_MS,
    judgement: judgement(STORY_VERDICTS),
    before: snapshot(T0 - SECOND_MS, STORY_WORKLOADS, STORY_PODS),
    after: snapshot(T0 + 15 * 60 * SECOND_MS, STORY_WORKLOADS, [
      ...STORY_PODS.filter(({ uid }) => uid !== "d1"),
      replacement,
    ]),
    edges: STORY_EDGES,
    ...changes,
  };
}

/** A pod of go-app was deleted, and its replacement was Ready after `readyAfterMs`. */
export function goAppPodLost(readyAfterMs: number, changes: Partial<DiagnosisInput> = {}): DiagnosisInput {
  const replacement = pod("go-app", "g3", { createdAtMs: T0 + SECOND_MS, readySinceMs: T0 + readyAfterMs });
  const { choice } = databaseLost();
  const target = {
    ...choice.target,
    workload: deployment("go-app"),
    services: ["go-app/go-app"],
    pods: [{ namespace: "go-app", name: "go-app-g1", uid: "g1" }],
  };
  const pods = [...STORY_PODS.filter(({ uid }) => uid !== "g1"), replacement];
  return databaseLost({
    choice: { ...choice, target },
    clearMs: T0 + readyAfterMs,
    after: snapshot(T0 + 15 * 60 * SECOND_MS, STORY_WORKLOADS, pods),
    ...changes,
  });
}
