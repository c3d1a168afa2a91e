import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { haltWatch } from "../../../src/adapters/kubernetes/lease/halt-watch.ts";
import { kubernetesLease } from "../../../src/adapters/kubernetes/lease/lease.ts";
import type { Halt } from "../../../src/ports/lease.ts";
import type { Log } from "../../../src/ports/log.ts";
import { manualClock, quietLog } from "./support/parts.ts";
import { answerJson, type Served, serve } from "./support/serve.ts";

const AT = { namespace: "aftershock", name: "aftershock" };
const lease = (halt: string | null) => ({
  kind: "Lease",
  metadata: { ...AT, resourceVersion: "7", annotations: halt === null ? {} : { "aftershock.dev/halt": halt } },
  spec: {},
});

interface Server {
  /** What a read answers; a number is a status without a body. */
  now: object | number;
  /** What each watch does in turn; after the last one it stays open and quiet. */
  watches: ((response: ServerResponse) => void)[];
  reads: number;
  watched: number;
  path: string;
}

const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;

async function leaseServer(changes: Partial<Server>): Promise<Server & Served> {
  const state: Server = { now: lease(null), watches: [], reads: 0, watched: 0, path: "", ...changes };
  const served = await serve((request, response) => {
    if (request.url?.includes("watch=true")) {
      state.path = request.url;
      const act = state.watches[state.watched];
      state.watched += 1;
      if (act !== undefined) return act(response);
      return void response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
    }
    state.reads += 1;
    if (typeof state.now === "number") return void response.writeHead(state.now).end();
    answerJson(response, 200, state.now);
  });
  return Object.assign(state, served);
}

/** What was seen until `count` states were told. */
async function seen(
  server: Server & Served,
  count: number,
  onSeen: (n: number) => void = () => undefined,
  log: Log = quietLog,
) {
  const told: (string | null)[] = [];
  const stop = new AbortController();
  const options = { ...AT, identity: "a", durationMs: 15_000 };
  const watch = haltWatch(
    server.client,
    kubernetesLease(server.client, options, manualClock()),
    { ...AT, everyMs: 1 },
    log,
  );
  await watch.follow((halt: Halt | null) => {
    told.push(halt?.why ?? null);
    onSeen(told.length);
    if (told.length >= count) stop.abort();
  }, stop.signal);
  return told;
}

test("a halt is told as soon as the server says so, and asks for this one lease alone", async () => {
  await using server = await leaseServer({
    watches: [
      (response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write(line("ADDED", lease(null)) + line("MODIFIED", lease("fire")));
        response.write(line("BOOKMARK", { metadata: { resourceVersion: "9" } }) + line("MODIFIED", lease(null)));
      },
    ],
  });
  expect(await seen(server, 4)).toEqual([null, null, "fire", null]);
  expect(server.path).toContain("/namespaces/aftershock/leases?");
  expect(new URL(server.path, "http://x").searchParams.get("fieldSelector")).toBe("metadata.name=aftershock");
  expect(server.reads).toBe(1);
});

test.each([
  { name: "a right is missing", act: (response: ServerResponse) => void response.writeHead(403).end() },
  { name: "the connection breaks", act: (response: ServerResponse) => void response.destroy() },
  {
    name: "the server forgot the version",
    act: (response: ServerResponse) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(line("ERROR", { kind: "Status", code: 410, message: "too old" }));
    },
  },
])("when $name the lease is read instead, and watched again later", async ({ act }) => {
  await using server = await leaseServer({ watches: [act, act] });
  const told = await seen(server, 3, (n) => {
    if (n === 2) server.now = lease("fire");
  });
  expect(told).toEqual([null, null, "fire"]);
  expect(server.watched).toBeGreaterThanOrEqual(1);
});

test("a watch that opens and breaks again and again is said once, and tried ever more rarely", async () => {
  const breaks = (response: ServerResponse) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(line("ERROR", { kind: "Status", code: 500, message: "ill" }));
  };
  await using server = await leaseServer({ watches: Array(60).fill(breaks) });
  const warned: string[] = [];
  await seen(server, 60, undefined, { ...quietLog, warn: (message) => void warned.push(message) });
  expect(warned).toEqual(["the halt switch is read once a second for now"]);
  expect(server.watched).toBeLessThanOrEqual(6);
});

test("nothing is told while it cannot be read, and the state as soon as it can", async () => {
  await using server = await leaseServer({ now: 500 });
  setTimeout(() => {
    server.now = lease("fire");
  }, 20);
  expect(await seen(server, 1)).toEqual(["fire"]);
});
