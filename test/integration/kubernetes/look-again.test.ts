import { expect, test } from "vitest";
import { kubernetesReader } from "../../../src/adapters/kubernetes/read/reader.ts";
import type { WorkloadRef } from "../../../src/core/model/cluster.ts";
import { manualClock } from "./support/parts.ts";
import { never, recorded } from "./support/serve.ts";
import { type TinyApi, tinyApi } from "./support/tiny-api.ts";

const REPEATER: WorkloadRef = { kind: "Deployment", namespace: "go-app", name: "repeater" };
const LISTS = ["pods", "deployments", "replicasets", "services", "poddisruptionbudgets", "nodes"];

/** The recorded cluster of the story, behind selectors that select. */
async function story(): Promise<TinyApi> {
  const api = await tinyApi();
  for (const resource of LISTS) {
    const { url, response } = recorded(`list-${resource}`);
    const items = response.items as { metadata: { name: string } }[];
    for (const item of items) api.put(`${url.split("?")[0]}/${item.metadata.name}`, item as never);
  }
  api.put("/api/v1/namespaces/go-app", recorded("get-namespace").response as never);
  return api;
}

const asked = (api: TinyApi): number => api.client.calls().reduce((sum, one) => sum + one.count, 0);

test("a look at one workload sees what a snapshot sees of it, in seven requests, and nothing else", async () => {
  await using api = await story();
  const reader = kubernetesReader(api.client, manualClock());
  const whole = await reader.snapshot(["go-app"], never);
  const before = asked(api);
  const look = await reader.lookAgain([REPEATER], never);
  expect(asked(api) - before).toBe(7);
  const own = whole.workloads.filter((one) => one.name === "repeater");
  expect(look).toEqual({
    ...whole,
    nodes: [],
    workloads: own,
    pods: whole.pods.filter((pod) => pod.workload.name === "repeater"),
  });
  expect(look.pods.map((pod) => pod.resourceVersion)).not.toContain(undefined);
  expect(look.workloads[0]?.budgets).toHaveLength(1);
});

test("a workload that is gone is absent, and so are its pods", async () => {
  await using api = await story();
  api.remove("/apis/apps/v1/namespaces/go-app/deployments/repeater");
  const look = await kubernetesReader(api.client, manualClock()).lookAgain([REPEATER], never);
  expect([look.workloads, look.pods]).toEqual([[], []]);
});

test("many workloads of one namespace, and a pod without a controller, are seen through its lists", async () => {
  await using api = await story();
  const reader = kubernetesReader(api.client, manualClock());
  const names = ["go-app", "go-app-db", "load", "repeater", "one-more"];
  const many = await reader.lookAgain(
    names.map((name) => ({ ...REPEATER, name })),
    never,
  );
  expect(many.workloads.map((one) => one.name)).toEqual(["go-app", "go-app-db", "load", "repeater"]);
  const bare = { kind: "Pod", namespace: "go-app", name: "nobody" } as const;
  expect((await reader.lookAgain([bare, REPEATER], never)).workloads.map((one) => one.name)).toEqual(["repeater"]);
});

test.each(["list-pods-403", "list-pods-401"])(
  "an answer that is missing (%s) is not taken for nothing",
  async (answer) => {
    await using api = await story();
    for (const resource of ["pods", "poddisruptionbudgets", "horizontalpodautoscalers", "replicasets", "namespaces"]) {
      api.intercept((request) => (request.resource === resource ? answer : undefined));
      const reader = kubernetesReader(api.client, manualClock());
      await expect(reader.lookAgain([REPEATER], never), resource).rejects.toMatchObject({ code: "cluster-forbidden" });
    }
  },
);
