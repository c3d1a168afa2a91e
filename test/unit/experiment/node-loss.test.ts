import { describe, expect, test } from "vitest";
import { backSinceMs, hitOf, lostNodes, type SeenSignal } from "../../../src/core/experiment/node-loss.ts";
import type { Pod } from "../../../src/core/model/cluster.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { namespace, storyCluster } from "../../support/cluster.ts";
import { T0 } from "../../support/experiments.ts";
import { node, STORY_PODS } from "../../support/story.ts";

const signalsOf = (pods: readonly Pod[], what: SeenSignal["what"] = "unready"): SeenSignal[] =>
  pods.map((pod, i) => ({ what, pod, atMs: T0 + i }));
const on = (name: string): Pod[] => STORY_PODS.map((pod) => ({ ...pod, node: name }));
const alive = node("node-b", "b");
const silent = { ...node("node-a", "a"), ready: false };

describe("a node is lost", () => {
  test.each([
    { name: "when it is gone", nodes: [alive] },
    { name: "when it is silent", nodes: [alive, silent] },
  ])("$name, with all of its pods at once", ({ nodes }) => {
    const found = lostNodes(signalsOf(on("node-a")), nodes);
    expect(found).toMatchObject([{ node: "node-a", atMs: T0 }]);
    expect(found[0]?.pods).toHaveLength(STORY_PODS.length);
  });

  test.each([
    { name: "not while it is Ready", nodes: [node("node-a", "a"), alive], pods: on("node-a") },
    { name: "not when nodes may not be read", nodes: [], pods: on("node-a") },
    {
      name: "not for pods that wait for a node",
      nodes: [alive],
      pods: STORY_PODS.map((pod) => ({ ...pod, node: null })),
    },
    {
      name: "not for what belongs to the node alone",
      nodes: [alive],
      pods: on("node-a").map((pod) => ({ ...pod, workload: { ...pod.workload, kind: "DaemonSet" as const } })),
    },
  ])("$name", ({ nodes, pods }) => expect(lostNodes(signalsOf(pods), nodes)).toEqual([]));

  test("once, however often a pod of it is told, and after those with more pods", () => {
    const [first, ...rest] = on("node-a");
    const elsewhere = { ...first!, uid: "other", node: "node-c" };
    const found = lostNodes(signalsOf([elsewhere, ...rest, ...rest]), [alive]);
    expect(found.map((one) => [one.node, one.pods.length])).toEqual([
      ["node-a", rest.length],
      ["node-c", 1],
    ]);
  });
});

describe("what a node takes with it", () => {
  const loss = { node: "node-a", pods: on("node-a"), atMs: T0 };

  test("is every service behind its pods; the workload that lost most comes first", () => {
    const hit = hitOf(loss.pods, ["node-a"], storyCluster({ nodes: [silent, alive] }));
    expect(hit?.target).toMatchObject({ node: "node-a", zone: "a" });
    expect(hit?.target.pods).toHaveLength(STORY_PODS.length);
    expect(hit?.target.services.toSorted()).toEqual(["go-app/go-app", "go-app/go-app-db", "go-app/repeater"]);
    expect(hit?.lost.map((one) => one.pods.length)).toEqual([2, 2, 1]);
  });

  test("of two nodes at once: both, in the zone that they have in common", () => {
    const [first, ...rest] = on("node-a");
    const other = { ...first!, node: "node-c" };
    const both = storyCluster({ nodes: [silent, node("node-c", "a"), alive] });
    expect(hitOf([other, ...rest], ["node-a", "node-c"], both)?.target).toMatchObject({ node: null, zone: "a" });
    const apart = storyCluster({ nodes: [silent, node("node-c", "c"), alive] });
    expect(hitOf([other, ...rest], ["node-a", "node-c"], apart)?.target).toMatchObject({ node: null, zone: null });
  });

  test("is nothing that is missed when its workloads or their namespace go, too", () => {
    expect(hitOf(loss.pods, ["node-a"], storyCluster({ workloads: [] }))).toBeNull();
    expect(
      hitOf(loss.pods, ["node-a"], storyCluster({ namespaces: [namespace("go-app", { terminating: true })] })),
    ).toBeNull();
  });
});

describe("a workload has back what it lost", () => {
  const [a, b] = STORY_PODS.filter((pod) => pod.workload.name === "go-app") as [Pod, Pod];
  const lost = { workload: a.workload, pods: [a.uid] };
  const dead = { ...a, ready: false };
  const reborn = { ...a, uid: "new", createdAtMs: T0 + MINUTE_MS, readySinceMs: T0 + MINUTE_MS + 20 * SECOND_MS };
  test.each([
    { name: "not while its pod is only silent", pods: [dead, b], since: null },
    { name: "not while nobody replaced it", pods: [{ ...dead, terminating: true }, b], since: null },
    { name: "not while the new one is not Ready", pods: [b, { ...reborn, ready: false }], since: null },
    {
      name: "when the new one is Ready, though the old one never ends",
      pods: [{ ...dead, terminating: true }, b, reborn],
      since: T0 + MINUTE_MS + 20 * SECOND_MS,
    },
    {
      name: "when the node came back with it",
      pods: [{ ...a, readySinceMs: T0 + 3 * MINUTE_MS }, b],
      since: T0 + 3 * MINUTE_MS,
    },
    {
      name: "with a pod that was made in the second of the loss, as its creation time tells it",
      pods: [{ ...reborn, createdAtMs: T0 - 400 }],
      since: reborn.readySinceMs,
    },
    { name: "not with a pod that is older", pods: [{ ...reborn, createdAtMs: T0 - 1_001 }], since: null },
  ])("$name", ({ pods, since }) => expect(backSinceMs(lost, pods, T0)).toBe(since));

  test("with a pod that nobody knew before, whatever its creation time says", () => {
    const known = new Set([a.uid, b.uid]);
    const ready = { ...reborn, createdAtMs: T0 - HOUR_MS };
    expect(backSinceMs(lost, [b, ready], T0, { known })).toBe(reborn.readySinceMs);
    expect(backSinceMs(lost, [{ ...b, createdAtMs: T0 + MINUTE_MS }], T0, { known })).toBeNull();
  });
});
