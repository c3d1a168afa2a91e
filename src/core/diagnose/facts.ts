import type { ServiceId, WorkloadRef } from "../model/cluster.ts";

/** CEL's names of the types that a fact may have. */
export type FactType = "string" | "bool" | "int" | "double" | "list<string>";
type Value<T extends FactType> = T extends "string"
  ? string
  : T extends "bool"
    ? boolean
    : T extends "list<string>"
      ? readonly string[]
      : number;
/** Values for a table of facts. */
export type FactsOf<Table extends Readonly<Record<string, FactType>>> = {
  readonly [K in keyof Table]: Value<Table[K]>;
};

/** What rules may ask of a workload. Read by people who write rules: keep the comments. */
export const WORKLOAD_FACTS = {
  kind: "string",
  namespace: "string",
  name: "string",
  /** Services that select its pods, `namespace/name`. */
  services: "list<string>",
  /** `kubectl rollout restart` works on it. */
  restartable: "bool",
  /** The experiment took a pod of it. */
  hit: "bool",
  podsHit: "int",
  /** Replicas asked for, before the experiment. */
  replicas: "int",
  /** Every pod that was hit is gone or was started again, and as many as asked for are there. */
  replaced: "bool",
  /** A pod that was hit is still there: its container was started again. */
  restarted: "bool",
  /** All its pods were Ready at the end of the observation, and as many as asked for. */
  podsReady: "bool",
  /**
   * Its pods from before are all still there at the end, and none of their containers was started
   * again.
   */
  podsUnchanged: "bool",
  /** All its pods were Ready without a break since before the experiment. */
  readyThroughout: "bool",
  /** Pods were hit, and all others were Ready without a break since before the experiment. */
  othersReady: "bool",
  /**
   * Every pod of it was started again after the injection, one of them this often; 0 when one was
   * not, ran out of memory, or was restarting before, too.
   */
  crashes: "int",
  /**
   * From the injection until the last replacement was Ready; −1 when not replaced, or not known.
   */
  readyAfterSeconds: "int",
  /** The same for people, `42 s`; empty when not known. */
  readyAfter: "string",
  /** `GET /healthz`, `TCP connect`, `exec`, `gRPC`, one for each container that has one. */
  readinessProbes: "list<string>",
  livenessProbes: "list<string>",
  disruptionBudgets: "int",
  /** Different nodes and zones that its pods ran on before the experiment. */
  nodes: "list<string>",
  zones: "list<string>",
  /** Nodes and zones that could have taken a pod of it. */
  clusterNodes: "int",
  clusterZones: "int",
  /**
   * Worst verdict over its services' failures and failed connections; `none` when nothing was
   * judged.
   */
  failures: "string",
  /** Worst verdict over all its signals; `none` when nothing was judged. */
  verdict: "string",
  degraded: "bool",
  /** Worst verdict over the latency of its services; `none` when it was not judged. */
  latency: "string",
  /** What it did, with before and after; empty when it did not get worse. */
  slowness: "string",
  /**
   * Its answers were surely slower while pods were missing, and not surely fast again before the
   * last replacement was Ready.
   */
  overloaded: "bool",
  /**
   * The worst signal for people, with before and after: `48 % of requests failed (before: 0 %)`.
   */
  impact: "string",
  /** Failures beyond what was expected. */
  excessFailures: "int",
  /**
   * Requests to it that broke off in the seconds in which a pod of it ended; 0 when such requests
   * are no rarer at other times, or it is not known.
   */
  brokenOff: "int",
  /** `none` when no container has a preStop, `some`, or `unknown`. */
  preStop: "string",
  /**
   * Its failures went on this long after its replacement was Ready (lower bound); 0 when they did
   * not.
   */
  failedAfterReadySeconds: "int",
  recoveredAfter: "string",
  /** Services that it calls. */
  callees: "list<string>",
  /** Services it calls that fail too, except those that were hit: it may only pass failures on. */
  failingCallees: "list<string>",
  /**
   * Services that it calls and that got worse or were gone, unless the judge names it as the
   * origin.
   */
  waitedFor: "list<string>",
  /**
   * The failures began here: nothing it calls fails, except what was hit, or the judge names it as
   * the origin.
   */
  began: "bool",
  /** Services that depend on it, directly or through others, and got worse. */
  degradedDependants: "list<string>",
} as const satisfies Readonly<Record<string, FactType>>;
export type WorkloadFacts = FactsOf<typeof WORKLOAD_FACTS>;

/** What rules may ask of a dependant workload and the dependency that it calls. */
export const EDGE_FACTS = {
  /** Service through which the dependant calls. */
  service: "string",
  protocol: "string",
  perSecond: "double",
  /**
   * Every container of the dependant was started before the first replacement pod of the dependency
   * was created.
   */
  dependantOlder: "bool",
  /**
   * The dependant, or the dependency as its own service, failed more requests than can have gone to
   * the lost pods until they were replaced.
   */
  failedBeyondLost: "bool",
  /** Who tried again more often than before: `proxy`, `caller`, or empty: nobody, or not known. */
  retriedBy: "string",
  /** How often, `2.3 attempts for each request (before: 1.0)`; empty as above. */
  attempts: "string",
  /**
   * Failures of the dependant beyond what was expected, in percent of those that it saw of the
   * dependency; −1 when either did not fail more, or it is not known.
   */
  passedOn: "int",
  /**
   * The slowest hundredth of the dependency's answers took at least this long, and so did that of
   * the dependant's; −1 when it did not, or it is not known.
   */
  waitedMs: "int",
  /** The same for people, `2.5 s`; empty when not known. */
  waited: "string",
} as const satisfies Readonly<Record<string, FactType>>;
export type EdgeFacts = FactsOf<typeof EDGE_FACTS>;

export const EXPERIMENT_FACTS = {
  /** What was injected, or what happened by itself: `pod-delete`, `oom-killed`, `node-lost`. */
  fault: "string",
  /** What was hit could end in good order: it was asked to stop, and had time to. */
  asked: "bool",
  /** Nothing was injected: whatever got worse has another cause. */
  sham: "bool",
  /** Decided without a day of history. */
  learning: "bool",
  /**
   * The replacement was Ready (or the fault taken back) in time; false: the late window began
   * without it.
   */
  cleared: "bool",
  /** From the injection to the end of the late window, for people. */
  observed: "string",
} as const satisfies Readonly<Record<string, FactType>>;
export type ExperimentFacts = FactsOf<typeof EXPERIMENT_FACTS>;

export interface WorkloadSubject {
  readonly ref: WorkloadRef;
  readonly service: ServiceId | null;
  readonly facts: WorkloadFacts;
}

/** A workload (`dependant`) that calls another (`dependency`). */
export interface Pair {
  readonly dependant: WorkloadSubject;
  readonly dependency: WorkloadSubject;
  readonly edge: EdgeFacts;
}

/** Everything that rules see of one experiment. */
export interface DiagnosisFacts {
  readonly experiment: ExperimentFacts;
  readonly workloads: readonly WorkloadSubject[];
  readonly pairs: readonly Pair[];
}

/**
 * A workload of which nothing remarkable is known: the ground that a rule's own test cases build
 * on.
 */
export const QUIET_WORKLOAD: WorkloadFacts = {
  kind: "Deployment",
  namespace: "shop",
  name: "cart",
  services: ["shop/cart"],
  restartable: true,
  hit: false,
  podsHit: 0,
  replicas: 2,
  replaced: false,
  restarted: false,
  podsReady: true,
  podsUnchanged: true,
  readyThroughout: true,
  othersReady: false,
  crashes: 0,
  readyAfterSeconds: -1,
  readyAfter: "",
  readinessProbes: ["GET /healthz"],
  livenessProbes: [],
  disruptionBudgets: 1,
  nodes: ["node-a", "node-b"],
  zones: ["a", "b"],
  clusterNodes: 3,
  clusterZones: 3,
  failures: "steady",
  verdict: "steady",
  degraded: false,
  latency: "steady",
  slowness: "",
  overloaded: false,
  impact: "",
  excessFailures: 0,
  brokenOff: 0,
  preStop: "unknown",
  failedAfterReadySeconds: 0,
  recoveredAfter: "",
  callees: [],
  failingCallees: [],
  waitedFor: [],
  began: true,
  degradedDependants: [],
};
export const QUIET_EDGE: EdgeFacts = {
  service: "shop/cart-db",
  protocol: "tcp",
  perSecond: 0,
  dependantOlder: false,
  failedBeyondLost: false,
  retriedBy: "",
  attempts: "",
  passedOn: -1,
  waitedMs: -1,
  waited: "",
};
export const QUIET_EXPERIMENT: ExperimentFacts = {
  fault: "pod-delete",
  asked: true,
  sham: false,
  learning: false,
  cleared: true,
  observed: "25 min",
};
