import type { FactsOf, FactType } from "../facts.ts";

/**
 * What rules of risks may ask of a workload before any experiment. Read by people who write rules:
 * keep the comments.
 */
export const MANIFEST_FACTS = {
  kind: "string",
  namespace: "string",
  name: "string",
  /** Services that select its pods, `namespace/name`. */
  services: "list<string>",
  /** Replicas asked for. */
  replicas: "int",
  /** Workloads that called it in the last day, `namespace/name`. */
  callers: "list<string>",
  /** Different nodes and zones that its pods run on. */
  nodes: "list<string>",
  zones: "list<string>",
  /** Nodes and zones that could take a pod of it. */
  clusterNodes: "int",
  clusterZones: "int",
  /** `GET /healthz`, `TCP connect`, `exec`, `gRPC`, one for each container that has one. */
  readinessProbes: "list<string>",
  livenessProbes: "list<string>",
  /** Services that its probes ask by name although other pods are behind them. */
  probesAsk: "list<string>",
  /** Disruption budgets that select its pods. */
  disruptionBudgets: "int",
  /** Those that let no pod go although all are Ready. */
  budgetsThatForbid: "list<string>",
  /** Containers of its template that ask for no CPU, or for no memory. */
  withoutRequests: "list<string>",
  /** How long a pod has to end, and what of it its longest preStop takes; −1: not known. */
  graceSeconds: "int",
  preStopSeconds: "int",
  /** Its autoscaler's smallest number of replicas; −1: it has none. */
  autoscalerMin: "int",
  /** Why its autoscaler scales nothing now; empty: it works, or there is none. */
  autoscalerBlind: "string",
  /**
   * Services that it calls over HTTP, without a time-out in the mesh; empty, too, where the mesh's
   * routes cannot be read.
   */
  callsWithoutTimeout: "list<string>",
  /** Its own services, called over HTTP, on whose routes the mesh's retries are switched off. */
  retriesOff: "list<string>",
} as const satisfies Readonly<Record<string, FactType>>;
export type ManifestFacts = FactsOf<typeof MANIFEST_FACTS>;

/** A workload without any risk: the ground that a rule's own cases build on. */
export const QUIET_MANIFEST: ManifestFacts = {
  kind: "Deployment",
  namespace: "shop",
  name: "cart",
  services: ["shop/cart"],
  replicas: 2,
  callers: ["shop/web"],
  nodes: ["node-a", "node-b"],
  zones: ["a", "b"],
  clusterNodes: 3,
  clusterZones: 3,
  readinessProbes: ["GET /healthz"],
  livenessProbes: [],
  probesAsk: [],
  disruptionBudgets: 1,
  budgetsThatForbid: [],
  withoutRequests: [],
  graceSeconds: 30,
  preStopSeconds: -1,
  autoscalerMin: -1,
  autoscalerBlind: "",
  callsWithoutTimeout: [],
  retriesOff: [],
};
