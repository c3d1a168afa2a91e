import { expect, test } from "vitest";
import type { KubernetesClient } from "../../../src/adapters/kubernetes/client/client.ts";
import { eventRecorder } from "../../../src/adapters/kubernetes/events/events.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import type { ExperimentEvent, ExperimentState } from "../../../src/core/model/experiment.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { judgedExperiment } from "../../support/notices.ts";

interface Written {
  readonly path: string;
  readonly body: {
    metadata: { name: string };
    reason: string;
    type: string;
    note: string;
    regarding: { kind: string; name: string; uid?: string };
  };
}

/** A recorder over an API server that takes what it is given, or refuses. */
function recorder(refuse: AftershockError | null = null) {
  const written: Written[] = [];
  const warned: unknown[] = [];
  const client = {
    async request(request: Written & { method: string; query?: { fieldSelector: string } }) {
      if (refuse !== null) throw refuse;
      if (request.method === "POST") return void written.push(request);
      const name = request.query?.fieldSelector.replace("metadata.name=", "");
      return { items: [{ metadata: { uid: `uid of ${request.path.split("/").at(-1)} ${name}` } }] };
    },
  } as unknown as KubernetesClient;
  const log = { debug() {}, info() {}, error() {}, warn: (...all: unknown[]) => void warned.push(all) };
  return { events: eventRecorder(client, "worker-1", log), written, warned };
}

const ID = experimentPlan().id;
const story = judgedExperiment();
const alerted: ExperimentEvent = {
  kind: "alerted",
  atMs: T0,
  services: [{ service: "go-app/go-app", share: 0.5, before: 0, failures: 30 }] as never,
};
const events: readonly ExperimentEvent[] = [
  alerted,
  { kind: "judged", judgement: story.judgement!, provisional: false },
  { kind: "diagnosed", findings: story.findings },
  { kind: "notified", news: [] },
  { kind: "recovered", recoveredMs: T0 + 60_000, afterMs: 60_000, cure: "a rollout of Deployment go-app/go-app" },
];

async function said(state: ExperimentState) {
  const { events: recorded, written } = recorder();
  for (const event of events) recorded.told(ID, event, state, T0);
  await recorded.settled();
  return written;
}

test("early alert, verdict, findings and recovery are said on the workloads that they concern", async () => {
  const written = await said(story);
  expect(
    written.map(({ body }) => `${body.type} ${body.reason} ${body.regarding.kind} ${body.regarding.name}`),
  ).toEqual([
    "Warning EarlyAlert Deployment go-app-db",
    "Warning Verdict Deployment go-app-db",
    "Warning WeaknessFound Deployment go-app",
    "Warning WeaknessFound Deployment go-app",
    "Warning WeaknessFound Deployment go-app-db",
    "Normal Recovered Deployment go-app-db",
  ]);
  expect(written[1]?.body.note).toContain("A pod of go-app-db was deleted: not recovered: 50 % of requests fail");
  expect(written[0]?.body.note).toContain("go-app/go-app fails 50 % of requests");
  expect(new Set(written.map(({ body }) => body.metadata.name)).size).toBe(written.length);
  for (const { body, path } of written) {
    expect(body.metadata.name).toMatch(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
    expect(path).toContain("/namespaces/go-app/events");
    expect(body.note.length).toBeLessThanOrEqual(1024);
  }
});

test("each carries the uid of its object, without which `kubectl describe` does not show it", async () => {
  const written = await said(story);
  expect(new Set(written.map(({ body }) => body.regarding.uid))).toEqual(
    new Set(["uid of deployments go-app-db", "uid of deployments go-app"]),
  );
});

test("an injection is said on the workload, and on the pod that it hit", async () => {
  const { events: recorded, written } = recorder();
  const { target, fault } = story.choice!;
  await recorded.injected({ experimentId: ID, fault, target } as never, T0, new AbortController().signal);
  const [pod] = target.pods;
  expect(written.map(({ body }) => body.regarding)).toMatchObject([
    { kind: "Pod", name: pod?.name, uid: pod?.uid },
    { kind: "Deployment", name: "go-app-db", uid: "uid of deployments go-app-db" },
  ]);
  expect(new Set(written.map(({ body }) => body.metadata.name)).size).toBe(2);
});

test("a known weakness is no news, and a sham is said on nobody", async () => {
  const known = story.findings.map((finding) => ({ ...finding, status: "known" as const }));
  const { events: recorded, written } = recorder();
  recorded.told(ID, { kind: "diagnosed", findings: known }, story, T0);
  await recorded.settled();
  expect(written).toEqual([]);
  expect(await said(judgedExperiment(story.judgement!, [], [], experimentPlan({ sham: true })))).toEqual([]);
});

test("an API server that refuses stops nothing, and is logged; one that knows the event is fine", async () => {
  const refused = recorder(new AftershockError("cluster-forbidden", "may not create events"));
  refused.events.told(ID, alerted, story, T0);
  await refused.events.settled();
  expect(JSON.stringify(refused.warned)).toContain("may not create events");
  const again = recorder(new AftershockError("cluster-conflict", "exists"));
  again.events.told(ID, alerted, story, T0);
  await again.events.settled();
  expect(again.warned).toEqual([]);
});
