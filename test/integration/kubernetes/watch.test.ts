import { readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { type PodChange, type PodHandlers, watchPods } from "../../../src/adapters/kubernetes/follow/watch.ts";
import { answerJson, replay, type Served, serve } from "./support/serve.ts";

const RECORDED = readFileSync(new URL("../../../fixtures/kubernetes/watch-pods.ndjson", import.meta.url), "utf8");

const pod = (name: string, version: string, extra: object = {}) => ({
  metadata: { namespace: "go-app", name, uid: `uid-${name}`, resourceVersion: version, ...extra },
  status: { phase: "Running" },
});
const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;

type Watch = (response: ServerResponse) => void;
const lines =
  (...events: string[]): Watch =>
  (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    for (const one of events) response.write(one);
  };
const then =
  (first: Watch, after: (response: ServerResponse) => void): Watch =>
  (response) => {
    first(response);
    after(response);
  };
const ends: Watch = (response) => void response.end();
const breaks: Watch = (response) => void setImmediate(() => response.destroy());

interface Script {
  readonly lists: readonly (readonly object[] | 500)[];
  readonly watches: readonly Watch[];
}

/**
 * Answers lists and watches in the order of the script; the last list stands for all later ones,
 * and after the last watch it stays quiet.
 */
async function scripted({ lists, watches }: Script): Promise<Served & { versions: (string | null)[] }> {
  let listed = 0;
  let watched = 0;
  const versions: (string | null)[] = [];
  const served = await serve((request, response) => {
    const url = new URL(request.url ?? "/", "http://server");
    if (url.searchParams.get("watch") === "true") {
      versions.push(url.searchParams.get("resourceVersion"));
      const watch = watches[watched];
      watched += 1;
      if (watch !== undefined) watch(response);
      else response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
      return;
    }
    const items = lists[Math.min(listed, lists.length - 1)] ?? [];
    listed += 1;
    if (items === 500) response.writeHead(500).end("ill");
    else answerJson(response, 200, { kind: "PodList", metadata: { resourceVersion: String(listed * 100) }, items });
  });
  return Object.assign(served, { versions });
}

const FAST = { backoffMs: () => 0, pauseMs: 0 };

/** Runs the watch until `count` changes were told; answers them as `kind name`. */
async function changes(
  served: Served,
  count: number,
  handlers: Partial<PodHandlers> = {},
  options = {},
): Promise<string[]> {
  const told: string[] = [];
  const stop = new AbortController();
  const tell = (change: PodChange) => {
    told.push(`${change.kind} ${change.pod.name}`);
    if (told.length >= count) stop.abort();
    return handlers.pod?.(change);
  };
  await watchPods(served.client, ["go-app"], { trouble() {}, ...handlers, pod: tell }, stop.signal, {
    ...FAST,
    ...options,
  });
  return told;
}

describe("a watch", () => {
  test("tells what is there, and then what changes", async () => {
    await using served = await scripted({
      lists: [[pod("a", "1")]],
      watches: [
        lines(event("ADDED", pod("b", "101")), event("MODIFIED", pod("a", "102")), event("DELETED", pod("a", "103"))),
      ],
    });
    expect(await changes(served, 4)).toEqual(["added a", "added b", "changed a", "deleted a"]);
    expect(served.versions).toEqual(["100"]);
  });

  test("goes on from where it was when the server ends it", async () => {
    await using served = await scripted({
      lists: [[]],
      watches: [then(lines(event("ADDED", pod("a", "101"))), ends), lines(event("ADDED", pod("b", "102")))],
    });
    expect(await changes(served, 2)).toEqual(["added a", "added b"]);
    expect(served.versions).toEqual(["100", "101"]);
  });

  test("moves on with bookmarks", async () => {
    await using served = await scripted({
      lists: [[]],
      watches: [
        then(lines(event("BOOKMARK", { metadata: { resourceVersion: "190" } })), ends),
        lines(event("ADDED", pod("b", "191"))),
      ],
    });
    await changes(served, 1);
    expect(served.versions).toEqual(["100", "190"]);
  });

  test.each([
    { name: "a connection that breaks", watch: then(lines(event("ADDED", pod("a", "101"))), breaks) },
    { name: "a line that is no JSON", watch: lines(event("ADDED", pod("a", "101")), "{half\n") },
    {
      name: "a line of half an event at the end",
      watch: then(lines(event("ADDED", pod("a", "101")), '{"type":'), ends),
    },
  ])("comes back after $name, telling nothing twice", async ({ watch }) => {
    await using served = await scripted({ lists: [[]], watches: [watch, lines(event("ADDED", pod("b", "102")))] });
    expect(await changes(served, 2)).toEqual(["added a", "added b"]);
    expect(served.versions).toEqual(["100", "101"]);
  });

  test.each([
    { name: "403", fixture: "list-pods-403" },
    { name: "401", fixture: "list-pods-401" },
  ])("comes back after $name, and says what was wrong", async ({ fixture }) => {
    await using served = await scripted({
      lists: [[]],
      watches: [(response) => replay(response, fixture), lines(event("ADDED", pod("b", "102")))],
    });
    const troubles: unknown[] = [];
    expect(await changes(served, 1, { trouble: (cause) => void troubles.push(cause) })).toEqual(["added b"]);
    expect(troubles).toMatchObject([{ code: "cluster-forbidden" }]);
  });

  test("comes back when even the first list fails", async () => {
    await using served = await scripted({ lists: [500, 500, [pod("a", "1")]], watches: [] });
    expect(await changes(served, 1)).toEqual(["added a"]);
  });

  test.each([
    { name: "as an event", watch: lines(event("ERROR", { kind: "Status", reason: "Expired", code: 410 })) },
    {
      name: "as the answer",
      watch: (response: ServerResponse) => answerJson(response, 410, { kind: "Status", reason: "Expired", code: 410 }),
    },
  ])("after 410 $name lists anew, and tells who vanished meanwhile", async ({ watch }) => {
    await using served = await scripted({
      lists: [
        [pod("a", "1"), pod("b", "2")],
        [pod("b", "2"), pod("c", "190")],
      ],
      watches: [watch],
    });
    expect(await changes(served, 4)).toEqual(["added a", "added b", "deleted a", "added c"]);
  });

  test("leaves a connection that has gone silent", async () => {
    await using served = await scripted({
      lists: [[]],
      watches: [lines(event("ADDED", pod("a", "101"))), lines(event("ADDED", pod("b", "102")))],
    });
    expect(await changes(served, 2, {}, { quietMs: 20 })).toEqual(["added a", "added b"]);
  });

  test("lists again when the server refuses the version that it was at", async () => {
    const refuses: Watch = (response) =>
      answerJson(response, 400, { kind: "Status", code: 400, message: "invalid resource version" });
    await using served = await scripted({ lists: [[pod("a", "1")], [pod("b", "2")]], watches: [refuses] });
    expect(await changes(served, 3)).toEqual(["added a", "deleted a", "added b"]);
  });

  test("reads a line of a megabyte whose letters are cut anywhere", async () => {
    const note = "Größe ≥ 1 MiB 🚀".repeat(60_000);
    const bytes = Buffer.from(event("ADDED", pod("a", "101", { annotations: { note } })));
    const write: Watch = (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      for (let at = 0; at < bytes.length; at += 997) response.write(bytes.subarray(at, at + 997));
    };
    await using served = await scripted({ lists: [[]], watches: [write] });
    const read: (string | undefined)[] = [];
    await changes(served, 1, { pod: ({ pod }) => void read.push(pod.annotations.note) });
    expect(read.map((one) => one === note)).toEqual([true]);
  });

  test("outlives a handler that throws, and one that rejects", async () => {
    await using served = await scripted({
      lists: [[pod("a", "1"), pod("b", "2")]],
      watches: [lines(event("DELETED", pod("a", "101")))],
    });
    const troubles: string[] = [];
    const told = await changes(served, 3, {
      pod({ kind, pod }) {
        if (pod.name === "a" && kind === "added") throw new Error("thrown");
        return pod.name === "b" ? Promise.reject(new Error("rejected")) : undefined;
      },
      trouble(cause) {
        troubles.push((cause as Error).message);
        throw new Error("and this one, too");
      },
    });
    expect(told).toEqual(["added a", "added b", "deleted a"]);
    expect(troubles.slice(0, 2)).toEqual(["thrown", "rejected"]);
  });

  test("ends quietly when it is told to", async () => {
    await using served = await scripted({ lists: [[]], watches: [] });
    await expect(
      watchPods(served.client, ["go-app"], { pod() {}, trouble() {} }, AbortSignal.abort()),
    ).resolves.toBeUndefined();
  });

  test("reads what a real server sends, byte by byte", async () => {
    const bytes = Buffer.from(RECORDED);
    await using served = await scripted({
      lists: [[]],
      watches: [
        (response) => {
          response.writeHead(200, { "content-type": "application/json" });
          for (let at = 0; at < bytes.length; at += 999) response.write(bytes.subarray(at, at + 999));
        },
      ],
    });
    const seen: PodChange[] = [];
    await changes(served, 6, { pod: (change) => void seen.push(change) });
    expect(seen.map(({ kind }) => kind)).toEqual(["added", "added", "added", "changed", "deleted", "deleted"]);
    expect(seen.every(({ pod }) => pod.createdAtMs > 0)).toBe(true);
  });
});
