import type { Mesh } from "./apps.ts";

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
  /** Workload that is hit; of a drain, which chooses among nodes, the one that it is about. */
  readonly target: string;
  /** `node-power-off` happens to us: the worker has to notice it. */
  readonly fault: "pod-delete" | "pod-kill" | "http-abort" | "node-drain" | "node-power-off";
  readonly failures: Readonly<Record<string, Truth>>;
  /** Deployment whose restart cures what stays. */
  readonly cure?: string;
  /** What it is when another node than the target's was drained. */
  readonly otherwise?: Pick<Scenario, "name" | "failures">;
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
    name: "six in ten requests of a caller that retries fail",
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
  {
    name: "a drained node with four workloads",
    mesh: "together-on-a-node",
    target: "single",
    fault: "node-drain",
    failures: { single: "end", waiting: "end", beside: "end", pair: "end-if-any" },
    otherwise: {
      name: "a drained node with one pod each of two workloads that have another",
      failures: { waiting: "end-if-any", pair: "end-if-any", single: "end-if-any" },
    },
  },
  {
    name: "a node that loses power with four workloads",
    mesh: "together-on-a-node",
    target: "single",
    fault: "node-power-off",
    failures: { single: "end", waiting: "end", beside: "end", pair: "end-if-any" },
  },
];
