import { expect, test } from "vitest";
import { podLosses } from "../../../src/adapters/kubernetes/follow/pod-losses.ts";
import { quietLog } from "./support/parts.ts";
import { answerJson, serve } from "./support/serve.ts";

const pod = (name: string, version: string, changes: { restarts?: number; reason?: string; oom?: boolean } = {}) => ({
  metadata: { namespace: "go-app", name, uid: `uid-${name}`, resourceVersion: version },
  spec: { containers: [{ name: "app" }] },
  status: {
    phase: changes.reason === undefined ? "Running" : "Failed",
    ...(changes.reason === undefined ? {} : { reason: changes.reason }),
    conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-03-06T09:00:00Z" }],
    containerStatuses: [
      {
        name: "app",
        restartCount: changes.restarts ?? 0,
        ...(changes.oom ? { lastState: { terminated: { reason: "OOMKilled" } } } : {}),
      },
    ],
  },
});
const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;

test("deletions, evictions, restarts and ends because of memory are told apart, also those that a broken watch missed", async () => {
  const before = ["a", "b", "c", "d", "e"].map((name) => pod(name, "1"));
  let lists = 0;
  let watches = 0;
  await using server = await serve((request, response) => {
    if (!request.url?.includes("watch=true")) {
      lists += 1;
      const items = lists === 1 ? before : before.slice(0, 4);
      return answerJson(response, 200, { kind: "PodList", metadata: { resourceVersion: "1" }, items });
    }
    watches += 1;
    response.writeHead(200, { "content-type": "application/json" });
    if (watches > 1) return void response.flushHeaders();
    response.write(line("DELETED", pod("a", "2")) + line("MODIFIED", pod("b", "3", { reason: "Evicted" })));
    response.write(line("MODIFIED", pod("c", "4", { restarts: 1 })));
    response.write(line("MODIFIED", pod("d", "5", { restarts: 1, oom: true })));
    response.end(line("ERROR", { kind: "Status", code: 410, message: "too old resource version" }));
  });
  const told: string[] = [];
  const knew: string[] = [];
  const stop = new AbortController();
  await podLosses(server.client, quietLog, { backoffMs: () => 0, pauseMs: 0 }).follow(
    ["go-app"],
    (loss, known) => {
      told.push(`${loss.pod.name} ${loss.what}`);
      if (told.length === 1) knew.push(...known().map((one) => one.name));
      if (told.length === 5) knew.push(...known().map((one) => `${one.name} later`));
      if (told.length === 5) stop.abort();
    },
    stop.signal,
  );
  expect(told).toEqual(["a deleted", "b evicted", "c restarted", "d oom-killed", "e deleted"]);
  const later = ["b later", "c later", "d later", "e later"];
  expect(knew, "each loss comes with the pods as they were before it").toEqual(["a", "b", "c", "d", "e", ...later]);
});
