import { expect, test } from "vitest";
import { beforeLoss } from "../../../src/core/experiment/before-loss.ts";
import type { NaturalCause } from "../../../src/core/model/experiment.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { storyCluster } from "../../support/cluster.ts";
import { podChoice, T0 } from "../../support/experiments.ts";
import { node, STORY_PODS, STORY_WORKLOADS } from "../../support/story.ts";

const cause = (what: NaturalCause["what"], lostNode = "node-a"): NaturalCause => ({
  what,
  t0Ms: T0,
  choice: { ...podChoice(), target: { ...podChoice().target, node: lostNode } },
});
const young = { ...STORY_PODS[0]!, uid: "young", createdAtMs: T0 + SECOND_MS };
const now = storyCluster({ takenAtMs: T0 + MINUTE_MS, pods: [young, ...STORY_PODS.slice(1)] });
const nobody = { pods: [], nodes: [] };

test("pods are those that the watch knew; of a namespace that nobody followed, those older than the loss", () => {
  expect(beforeLoss(now, cause("deleted"), { ...nobody, pods: STORY_PODS }).pods).toEqual(STORY_PODS);
  expect(beforeLoss(now, cause("deleted"), nobody).pods).toEqual(STORY_PODS.slice(1));
});

test("what the watch knew of namespaces that were not read is left out", () => {
  const pods = STORY_PODS.map((pod) => ({ ...pod, namespace: "elsewhere" }));
  expect(beforeLoss({ ...now, pods: [] }, cause("deleted"), { ...nobody, pods }).pods).toEqual([]);
});

test("a node that was lost was Ready, also when only an earlier experiment remembers it", () => {
  const silent = { ...node("node-a", "a"), ready: false };
  const ready = (nodes: typeof now.nodes, what: NaturalCause["what"], ...remembered: (typeof silent)[]) =>
    beforeLoss({ ...now, nodes }, cause(what), { pods: [], nodes: remembered }).nodes.map((one) => [
      one.name,
      one.zone,
      one.ready,
    ]);
  expect(ready([silent], "node-lost")).toEqual([["node-a", "a", true]]);
  expect(ready([], "node-lost", silent)).toEqual([["node-a", "a", true]]);
  expect(ready([silent], "deleted")).toEqual([["node-a", "a", false]]);
});

test("an owner that only its pods describe had as many replicas as it had pods", () => {
  const workloads = STORY_WORKLOADS.map((one) => ({ ...one, counted: true as const, replicas: 0 }));
  const before = beforeLoss({ ...now, workloads }, cause("deleted"), { ...nobody, pods: STORY_PODS });
  expect(before.workloads.map(({ replicas }) => replicas)).toEqual([2, 2, 1]);
});
