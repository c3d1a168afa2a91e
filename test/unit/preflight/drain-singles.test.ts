import { expect, test } from "vitest";
import { firstClosed } from "../../../src/app/preflight/gate.ts";
import { replicasGate } from "../../../src/app/preflight/gates/replicas.ts";
import type { Fault } from "../../../src/core/model/fault.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { policy } from "../../support/policies.ts";
import { preflightFacts } from "../../support/preflight.ts";
import { STORY_PODS } from "../../support/story.ts";

const { choice } = preflightFacts();
const node = STORY_PODS.find((one) => one.workload.name === "go-app-db")?.node;
const pods = STORY_PODS.filter((one) => one.node === node);
const skipping = policy({ limits: { ...policy().limits, singleReplica: "skip" } });

const closed = (fault: Fault) => {
  const drained = { ...choice, fault, target: { ...choice.target, pods, node: node ?? null } };
  return firstClosed(
    [replicasGate(preflightFacts({ policy: skipping, choice: drained }))],
    new AbortController().signal,
  );
};

test("a drain that takes a workload of one replica along is refused, unless the fault says that it may", async () => {
  expect(await closed({ kind: "node-drain", durationMs: MINUTE_MS })).toMatchObject({
    gate: "replicas",
    why: expect.stringContaining("go-app-db: one replica only"),
  });
  expect(await closed({ kind: "node-drain", durationMs: MINUTE_MS, singleReplicas: "hit" })).toBeNull();
  expect(await closed({ kind: "pod-delete" })).toMatchObject({ gate: "replicas" });
});
