import { describe, expect, test } from "vitest";
import { kubernetesReader } from "../../../src/adapters/kubernetes/read/reader.ts";
import type { WorkloadRef } from "../../../src/core/model/cluster.ts";
import { type ManualClock, manualClock } from "./support/parts.ts";
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

describe("a look that goes on from an earlier answer", () => {
  const DEPLOYMENT = "/apis/apps/v1/namespaces/go-app/deployments/repeater";
  const PODS = "/api/v1/namespaces/go-app/pods";
  const ORPHAN = { name: "orphan", namespace: "go-app", labels: { app: "somebody" } };

  /** Looks from a snapshot, after `change`; what was asked, and both answers. */
  async function lookAfter(change: (api: TinyApi, clock: ManualClock) => void) {
    await using api = await story();
    const clock = manualClock();
    const reader = kubernetesReader(api.client, clock);
    const before = await reader.snapshot(["go-app"], never);
    const asked: string[] = [];
    change(api, clock);
    api.intercept(({ resource }) => void asked.push(resource));
    const look = await reader.lookAgain([REPEATER], never, before);
    return { asked: asked.toSorted(), look, before };
  }
  const changed = (api: TinyApi, path: string, change: object): void => {
    const { metadata, spec, ...rest } = api.get(path) as unknown as Record<string, object>;
    const { metadata: more = {}, spec: other = {}, ...others } = change as Record<string, object>;
    api.put(path, { ...rest, ...others, metadata: { ...metadata, ...more }, spec: { ...spec, ...other } });
  };

  test("asks for the workload, its pods and the budgets, and sees the same", async () => {
    const { asked, look, before } = await lookAfter(() => undefined);
    expect(asked).toEqual(["deployments", "poddisruptionbudgets", "pods"]);
    expect(look.workloads).toEqual(before.workloads.filter((one) => one.name === "repeater"));
    expect(look.pods).toEqual(before.pods.filter((one) => one.workload.name === "repeater"));
    expect(look.namespaces).toEqual(before.namespaces);
  });

  test("sees a pod that is no longer Ready, a pod that came, and a budget that is used up", async () => {
    const { look } = await lookAfter((api) => {
      const [first] = (recorded("list-pods").response.items as { metadata: { name: string } }[]).filter((one) =>
        one.metadata.name.startsWith("repeater"),
      );
      changed(api, `${PODS}/${first!.metadata.name}`, { status: { phase: "Running", conditions: [] } });
      const [budget] = recorded("list-poddisruptionbudgets").response.items as { metadata: { name: string } }[];
      const path = `/apis/policy/v1/namespaces/go-app/poddisruptionbudgets/${budget!.metadata.name}`;
      changed(api, path, { status: { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 99 } });
    });
    expect(look.pods.filter((pod) => !pod.ready)).toHaveLength(1);
    // not all pods of the namespace were read: nobody can tell that the budget is behind
    expect(look.workloads[0]?.budgets).toMatchObject([{ disruptionsAllowed: 0, observed: true }]);
  });

  test.each([
    { name: "spec", metadata: { generation: 99 } },
    { name: "revision", metadata: { annotations: { "deployment.kubernetes.io/revision": "99" } } },
    { name: "uid", metadata: { uid: "another" } },
  ])("asks for ReplicaSets when the workload has another $name", async ({ metadata }) => {
    const { asked } = await lookAfter((api) => changed(api, DEPLOYMENT, { metadata }));
    expect(asked).toEqual(["deployments", "poddisruptionbudgets", "pods", "replicasets"]);
  });

  test("asks for ReplicaSets when the controller has just seen the newest spec", async () => {
    const { asked } = await lookAfter((api) => changed(api, DEPLOYMENT, { status: { observedGeneration: 99 } }));
    expect(asked).toContain("replicasets");
  });

  test("asks for the pods again when another workload took the name", async () => {
    const { asked, look } = await lookAfter((api) => {
      api.put(`${PODS}/orphan`, { metadata: ORPHAN, status: { phase: "Running" } });
      changed(api, DEPLOYMENT, { metadata: { uid: "another" }, spec: { selector: { matchLabels: ORPHAN.labels } } });
    });
    expect(asked.filter((one) => one === "pods")).toHaveLength(2);
    expect(look.pods).toEqual([]);
  });

  test("sees that the workload is gone", async () => {
    const { look } = await lookAfter((api) => api.remove(DEPLOYMENT));
    expect([look.workloads, look.pods]).toEqual([[], []]);
  });

  test("asks for namespace, Services and autoscalers, too, once they are older than ten seconds", async () => {
    const { asked } = await lookAfter((_api, clock) => clock.forward(10_001));
    const around = ["horizontalpodautoscalers", "namespaces", "services"];
    expect(asked).toEqual(["deployments", "poddisruptionbudgets", "pods", ...around].toSorted());
  });

  test("does not make them younger by looking again", async () => {
    await using api = await story();
    const clock = manualClock();
    const reader = kubernetesReader(api.client, clock);
    let answer = await reader.snapshot(["go-app"], never);
    const counts: number[] = [];
    for (let looks = 0; looks < 3; looks++) {
      clock.forward(6_000);
      const before = asked(api);
      answer = await reader.lookAgain([REPEATER], never, answer);
      counts.push(asked(api) - before);
    }
    expect(counts).toEqual([3, 6, 3]);
  });
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
