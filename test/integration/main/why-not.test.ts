import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../src/adapters/system/clock.ts";
import { bookOf } from "../../../src/app/records/experiment-reader.ts";
import { plan } from "../../../src/main/commands/plan.ts";
import { whyNot } from "../../../src/main/commands/why-not.ts";
import type { Io } from "../../../src/main/io.ts";
import { openStorage } from "../../../src/main/storage/storage.ts";
import { endedWell, podChoice } from "../../support/experiments.ts";
import { quietLog } from "../kubernetes/support/parts.ts";
import { kubeconfigFile, never, recorded, serve } from "../kubernetes/support/serve.ts";
import { type TinyApi, tinyApi } from "../kubernetes/support/tiny-api.ts";

const OF = "go-app/repeater";
const config = (storage: string, prometheus: string) => `cluster: test
prometheus: { url: "${prometheus}" }
kubernetes: { namespace: chaos, lease: aftershock }
storage: { url: "${storage}" }
policies:
  - name: pods
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: pod-delete }]
    limits: { cooldown: 1h, maxUnavailable: 100%, minAge: 0s, singleReplica: allow }
  - name: requests
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: http-abort, duration: 1m }]
    limits: { cooldown: 0s, maxUnavailable: 100%, minAge: 0s, singleReplica: allow }
`;
const LISTS = ["pods", "deployments", "replicasets", "services", "nodes"];
const SERVICES = "/apis/networking.istio.io/v1/namespaces/go-app/virtualservices";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-why-not-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The story's cluster, with a VirtualService that delegates the repeater's routes. */
async function story(): Promise<TinyApi> {
  const api = await tinyApi();
  for (const resource of LISTS) {
    const { url, response } = recorded(`list-${resource}`);
    for (const item of response.items as { metadata: { name: string } }[])
      api.put(`${url.split("?")[0]}/${item.metadata.name}`, item as never);
  }
  api.put("/api/v1/namespaces/go-app", recorded("get-namespace").response as never);
  api.put(`${SERVICES}/root`, {
    metadata: { name: "root", namespace: "go-app" },
    spec: { hosts: ["repeater"], http: [{ delegate: { name: "other" } }] },
  });
  return api;
}

/** The repeater was hit ten minutes ago. */
async function hitBefore(storage: string): Promise<void> {
  const clock = systemClock();
  const opened = await openStorage(storage, { clock, log: quietLog, cluster: "test", cwd: folder });
  const atMs = clock.nowMs() - 600_000;
  const workload = { kind: "Deployment", namespace: "go-app", name: "repeater" } as const;
  const target = { ...podChoice().target, workload, services: [OF] };
  const events = endedWell(target, { id: "pods-1", policy: "pods" }, atMs);
  await opened.journal.append("experiment/pods-1", 0, events, { atMs, indexMs: atMs, open: false });
  expect((await bookOf(opened.journal).experiment("pods-1")).phase).toBe("done");
  await opened.close();
}

async function asked(storage: string, command: (io: Io) => Promise<number>): Promise<string> {
  await using api = await story();
  await using prometheus = await serve((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } }));
  });
  writeFileSync(join(folder, "aftershock.yaml"), config(storage, prometheus.url));
  const said: string[] = [];
  const env = { KUBECONFIG: kubeconfigFile(folder, api.url) };
  await command({
    env,
    cwd: folder,
    out: (text) => void said.push(text),
    err: () => undefined,
    terminal: false,
    signal: never,
  });
  return said.join("").replaceAll(/\s+/g, " ");
}

const options = { config: "aftershock.yaml", days: 7, whatIf: true, args: [OF] };

describe.each([
  { name: "why-not", command: (io: Io) => whyNot(options, io) },
  { name: "plan --what-if", command: (io: Io) => plan(options, io) },
])("$name", ({ command }) => {
  test("tells the cooldown that the journal knows, and the VirtualService that keeps requests from being faulted", async () => {
    await hitBefore("embedded:./store");
    const out = await asked("embedded:./store", command);
    expect(out).toMatch(/pods: Deployment go-app\/repeater: .*cooldown: hit .*, 50 min left/);
    expect(out).toMatch(/requests: Deployment go-app\/repeater: .*VirtualService go-app\/root: it delegates routes/);
    expect(out).not.toContain("not known");
  });

  test("says that cooldowns are not known where the journal cannot be read", async () => {
    const out = await asked("redis://127.0.0.1:9", command);
    expect(out).toMatch(/cooldowns are not known: storage redis:/);
    expect(out).not.toContain("cooldown: hit");
  });
});
