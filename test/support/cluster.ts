import type { ClusterSnapshot, Namespace, Pod, Workload } from "../../src/core/model/cluster.ts";
import type { PastInjection, TargetFacts } from "../../src/core/targeting/facts.ts";
import { T0 } from "./experiments.ts";
import { node, STORY_PODS, STORY_WORKLOADS } from "./story.ts";

export const namespace = (name: string, changes: Partial<Namespace> = {}): Namespace => ({
  name,
  labels: {},
  annotations: {},
  terminating: false,
  ...changes,
});

/** repeater, go-app (two replicas each) and go-app-db (one), all well. */
export function storyCluster(changes: Partial<ClusterSnapshot> = {}): ClusterSnapshot {
  return {
    takenAtMs: T0,
    namespaces: [namespace("go-app")],
    nodes: [node("node-a", "a"), node("node-b", "b")],
    workloads: STORY_WORKLOADS,
    pods: STORY_PODS,
    ...changes,
  };
}

/** The story's cluster with one workload changed. */
export const withWorkload = (name: string, changes: Partial<Workload>): ClusterSnapshot =>
  storyCluster({ workloads: STORY_WORKLOADS.map((one) => (one.name === name ? { ...one, ...changes } : one)) });

/** The story's cluster with every pod of one workload changed. */
export const withPods = (of: string, changes: Partial<Pod>): ClusterSnapshot =>
  storyCluster({ pods: STORY_PODS.map((one) => (one.workload.name === of ? { ...one, ...changes } : one)) });

export function pastInjection(name: string, atMs: number, changes: Partial<PastInjection> = {}): PastInjection {
  return {
    experimentId: `go-app-pods-${atMs}`,
    policy: "go-app-pods",
    atMs,
    sham: false,
    fault: "pod-delete",
    workload: { kind: "Deployment", namespace: "go-app", name },
    services: [`go-app/${name}`],
    findings: 0,
    ...changes,
  };
}

export const facts = (changes: Partial<TargetFacts> = {}): TargetFacts => ({
  past: [],
  protectedNamespaces: ["kube-*"],
  ...changes,
});
