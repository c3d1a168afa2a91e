import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { listFew } from "../../../src/adapters/kubernetes/client/lists.ts";
import { eventRecorder } from "../../../src/adapters/kubernetes/events/events.ts";
import { policyMaps } from "../../../src/adapters/kubernetes/follow/policy-maps.ts";
import { readTeamPolicy } from "../../../src/config/policy/team-policy.ts";
import type { Sighting } from "../../../src/ports/policy-texts.ts";
import { policyText, SOUND, teamBounds } from "../../support/teams.ts";
import { manualClock, quietLog } from "./support/parts.ts";
import { answerJson, never, type Served, serve } from "./support/serve.ts";

const PATH = "/api/v1/namespaces/shop/configmaps";

const configMap = (name: string, data: Record<string, string>, metadata: object = {}) => ({
  metadata: {
    ...{ namespace: "shop", name, uid: `uid-of-${name}`, resourceVersion: "7" },
    creationTimestamp: "2026-03-06T09:00:00Z",
    labels: { "aftershock.dev/policy": "true" },
    managedFields: [
      { manager: "argocd-controller", time: "2026-03-06T09:00:00Z" },
      { manager: "kubectl-edit", time: "2026-03-06T09:05:00Z" },
      { manager: "helm", time: "2026-03-06T09:01:00Z" },
    ],
    ...metadata,
  },
  data,
});

interface Server {
  maps: readonly { readonly metadata: { readonly labels: Readonly<Record<string, string>> } }[];
  /** Status of a list instead of an answer. */
  broken: number | null;
  watchStatus: number;
  /** Watches that are open; a line written to one is an event. */
  readonly watching: ServerResponse[];
  readonly asked: string[];
  readonly events: Record<string, unknown>[];
}

async function configMapServer(changes: Partial<Server> = {}): Promise<Server & Served> {
  const state: Server = { maps: [], broken: null, watchStatus: 200, watching: [], asked: [], events: [], ...changes };
  const names = new Set<unknown>();
  const served = await serve((request, response) => void answer(request, response));
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", "http://server");
    if (request.method === "POST") {
      const event = (await json(request)) as { metadata: { name: string } };
      if (names.has(event.metadata.name)) return answerJson(response, 409, { kind: "Status", code: 409 });
      names.add(event.metadata.name);
      state.events.push(event);
      return answerJson(response, 201, event);
    }
    state.asked.push(request.url ?? "");
    if (url.searchParams.get("watch") === "true") {
      response.writeHead(state.watchStatus, { "content-type": "application/json" }).flushHeaders();
      if (state.watchStatus === 200) state.watching.push(response);
      else response.end();
      return;
    }
    if (state.broken !== null) return void response.writeHead(state.broken).end();
    const [label = ""] = (url.searchParams.get("labelSelector") ?? "").split("=");
    const maps = state.maps.filter(({ metadata }) => label in metadata.labels);
    const from = Number(url.searchParams.get("continue") ?? 0);
    const to = from + Number(url.searchParams.get("limit"));
    const more = to < maps.length ? { continue: String(to) } : {};
    answerJson(response, 200, { metadata: { resourceVersion: "9", ...more }, items: maps.slice(from, to) });
  }
  return Object.assign(state, served);
}

const mapsOf = (server: Served) =>
  policyMaps(server.client, eventRecorder(server.client, "worker-1", quietLog), manualClock(), quietLog, {
    pauseMs: 1,
    backoffMs: () => 1,
  });

const namesOf = (sighting: Sighting) =>
  "unread" in sighting ? sighting.unread : sighting.texts.map((one) => one.name);

/** What was told of namespace shop, until `count` times; `then` acts after each. */
async function told(server: Server & Served, count: number, then: (n: number) => void = () => undefined) {
  const all: (string | readonly string[])[] = [];
  const stop = new AbortController();
  const follow = mapsOf(server).follow(
    ["shop"],
    (_namespace, sighting) => {
      all.push(namesOf(sighting));
      then(all.length);
      if (all.length >= count) stop.abort();
    },
    stop.signal,
  );
  await follow;
  return all;
}

/** Tells of a change as soon as somebody watches. */
function happens(server: Server, type = "MODIFIED", object: object = { metadata: {} }): void {
  const timer = setInterval(() => {
    if (server.watching.length === 0) return;
    clearInterval(timer);
    server.watching.shift()?.write(`${JSON.stringify({ type, object })}\n`);
  }, 1);
}

test("a ConfigMap is read as it is: its policy, who wrote it last, and nothing of what is no policy", async () => {
  await using server = await configMapServer({ maps: [configMap("orders", { "policy.yaml": SOUND })] });
  const sighting = await mapsOf(server).look("shop", never);
  expect(sighting).toEqual({
    texts: [
      {
        namespace: "shop",
        name: "orders",
        uid: "uid-of-orders",
        createdAtMs: Date.parse("2026-03-06T09:00:00Z"),
        writtenBy: "kubectl-edit",
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        entries: ["policy.yaml"],
        text: SOUND,
        chars: SOUND.length,
      },
    ],
  });
  const url = new URL(server.asked[0]!, "http://server");
  expect([url.pathname, url.searchParams.get("labelSelector")]).toEqual([PATH, "aftershock.dev/policy=true"]);
});

test("a ConfigMap with the label of before is a policy, too, and one with both labels is one policy", async () => {
  const former = { labels: { "aftershock/policy": "true" } };
  const both = { labels: { "aftershock/policy": "true", "aftershock.dev/policy": "true" } };
  await using server = await configMapServer({
    maps: [configMap("new", {}), configMap("former", {}, former), configMap("both", {}, both)],
  });
  const names = namesOf(await mapsOf(server).look("shop", never));
  expect([...names].sort()).toEqual(["both", "former", "new"]);
});

test("the oldest come first, over several pages; what is being deleted is gone", async () => {
  const maps = [9, 3, 7, 1, 5, 8, 2].map((hour) =>
    configMap(`at-${hour}`, {}, { creationTimestamp: `2026-03-06T0${hour}:00:00Z` }),
  );
  const going = configMap("going", {}, { deletionTimestamp: "2026-03-06T09:10:00Z" });
  await using server = await configMapServer({ maps: [...maps, going] });
  expect(namesOf(await mapsOf(server).look("shop", never))).toEqual([1, 2, 3, 5, 7, 8, 9].map((hour) => `at-${hour}`));
  expect(server.asked.filter((one) => one.includes("aftershock.dev"))).toHaveLength(2);
});

test("a megabyte of text is not kept, and refused without being parsed", async () => {
  await using server = await configMapServer({
    maps: [configMap("huge", { "policy.yaml": "x".repeat(1_000_000) }), configMap("orders", { "policy.yaml": SOUND })],
  });
  const sighting = await mapsOf(server).look("shop", never);
  const read = "texts" in sighting ? sighting.texts.map((one) => readTeamPolicy(one, teamBounds(), "UTC")) : [];
  expect(sighting).toMatchObject({ texts: [{ text: null, chars: 1_000_000 }, { text: SOUND }] });
  expect(read).toMatchObject([{ kind: "refused" }, { kind: "sound" }]);
});

test("of thousands of entries a few keys are kept, the policy's among them, and a change of any other shows", async () => {
  const entries = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`k${i}`, "v"]));
  const look = async (more: Record<string, string>) => {
    await using server = await configMapServer({
      maps: [configMap("orders", { ...entries, "policy.yaml": SOUND, ...more })],
    });
    const sighting = await mapsOf(server).look("shop", never);
    return "texts" in sighting ? sighting.texts[0]! : expect.unreachable();
  };
  const [text, changed] = [await look({}), await look({ k2999: "w" })];
  expect(text.entries).toHaveLength(11);
  expect(readTeamPolicy(text, teamBounds(), "UTC")).toMatchObject({ why: expect.stringContaining("unknown entry") });
  expect(changed.hash).not.toBe(text.hash);
});

test("what is kept of a page is taken from it before the next one is asked for: each may have megabytes", async () => {
  const maps = Array.from({ length: 3 }, (_, i) => configMap(`m${i}`, {}));
  await using server = await configMapServer({ maps });
  const asked: number[] = [];
  const limits = { labelSelector: "aftershock.dev/policy=true", pageSize: 1, maxPages: 5 };
  await listFew(
    server.client,
    { resource: "configmaps", namespace: "shop", ...limits },
    () => asked.push(server.asked.length),
    never,
  );
  expect(asked).toEqual([1, 2, 3]);
});

test("more ConfigMaps than anybody needs are not read in part", async () => {
  await using server = await configMapServer({ maps: Array.from({ length: 101 }, (_, i) => configMap(`m${i}`, {})) });
  expect(namesOf(await mapsOf(server).look("shop", never))).toContain("more than 100 ConfigMaps");
});

describe("what changes", () => {
  test("is told as soon as the server says so, and what stays the same is not", async () => {
    await using server = await configMapServer({ maps: [configMap("orders", { "policy.yaml": SOUND })] });
    const all = await told(server, 3, (n) => {
      if (n === 1) server.maps = [...server.maps, configMap("returns", {})];
      if (n === 2) server.maps = [];
      happens(server, n === 2 ? "DELETED" : "ADDED");
    });
    expect(all).toEqual([["orders"], ["orders", "returns"], []]);
  });

  test.each([
    { name: "the watch is forbidden", watchStatus: 403 },
    { name: "the watch breaks", watchStatus: 500 },
  ])("stays known when $name", async ({ watchStatus }) => {
    await using server = await configMapServer({ watchStatus, maps: [configMap("orders", {})] });
    const stop = new AbortController();
    const all: unknown[] = [];
    const follow = mapsOf(server).follow(
      ["shop"],
      (_namespace, sighting) => void all.push(namesOf(sighting)),
      stop.signal,
    );
    await expect.poll(() => server.asked.filter((one) => one.includes("watch=true")).length).toBeGreaterThan(0);
    stop.abort();
    await follow;
    expect(all).toEqual([["orders"]]);
  });

  test("is told after the server forgot where the watch was", async () => {
    await using server = await configMapServer({ maps: [configMap("orders", {})] });
    const all = await told(server, 2, () => {
      server.maps = [];
      happens(server, "ERROR", { kind: "Status", code: 410, message: "too old" });
    });
    expect(all).toEqual([["orders"], []]);
  });

  test("cannot be known any more when the right to list is taken away", async () => {
    await using server = await configMapServer({ maps: [configMap("orders", {})] });
    const all = await told(server, 2, () => {
      server.broken = 403;
      happens(server);
    });
    expect(all[1]).toContain("not allowed to list configmaps in namespace shop");
  });

  test("is held to be as it was through a short outage, and unknown after a long one", async () => {
    await using server = await configMapServer({ maps: [configMap("orders", {})] });
    const listed = () => server.asked.filter((one) => !one.includes("watch=true")).length;
    let lists = 0;
    const all = await told(server, 2, (n) => {
      if (n === 1) lists = listed();
      server.broken = 503;
      happens(server);
    });
    expect(all[1]).toContain("503");
    expect(listed() - lists).toBe(6);
  });
});

describe("a refusal", () => {
  const refused = policyText("orders", "garbage");

  test("is a warning on the ConfigMap, in the words of the problem", async () => {
    await using server = await configMapServer();
    await mapsOf(server).refuse(refused, "line 1: unknown key", never);
    expect(server.events).toMatchObject([
      {
        type: "Warning",
        reason: "PolicyRefused",
        note: "Aftershock does not follow this policy: line 1: unknown key",
        metadata: { namespace: "shop" },
        regarding: { apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "orders", uid: refused.uid },
      },
    ]);
  });

  test("is told once for one text, also by several workers and after a restart", async () => {
    await using server = await configMapServer();
    const maps = mapsOf(server);
    for (const one of [maps, maps, mapsOf(server)]) await one.refuse(refused, "line 1: unknown key", never);
    expect(server.events).toHaveLength(1);
    await maps.refuse({ ...refused, hash: "another" }, "line 1: unknown key", never);
    await maps.refuse(refused, "looser than allowed", never);
    expect(server.events).toHaveLength(3);
  });

  test("of any length fits into an event", async () => {
    await using server = await configMapServer();
    await mapsOf(server).refuse(refused, "x".repeat(5_000), never);
    expect(String(server.events[0]?.note)).toHaveLength(1_024);
  });
});
