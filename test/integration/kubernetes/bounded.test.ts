import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { listAll } from "../../../src/adapters/kubernetes/client/lists.ts";
import { collectionPath, objectPath } from "../../../src/adapters/kubernetes/client/paths.ts";
import { watchEvents } from "../../../src/adapters/kubernetes/client/watch-lines.ts";
import { never, serve } from "./support/serve.ts";

const POD = { method: "GET", path: objectPath("pods", "a", "b") } as const;

/** Writes as long as somebody reads; answers how many bytes were taken. */
function endless(status: number, head: string) {
  let sent = 0;
  const part = "x".repeat(256 * 1024);
  const answer = (_request: unknown, response: ServerResponse): void => {
    response.writeHead(status, { "content-type": "application/json" });
    response.write(head);
    const push = (): void => {
      while (!response.destroyed) {
        sent += part.length;
        if (!response.write(part)) break;
      }
    };
    response.on("drain", push);
    push();
  };
  return { answer, sent: () => sent };
}

test("an answer without an end is given up, and said to be none of an API server", async () => {
  const { answer, sent } = endless(200, '{"a":"');
  await using served = await serve(answer);
  await expect(served.client.request(POD, never)).rejects.toMatchObject({
    code: "cluster-unavailable",
    message: expect.stringContaining("far longer than any of an API server"),
  });
  expect(sent()).toBeLessThan(128 * 1024 * 1024);
});

test("of an error without an end only the beginning is read", async () => {
  const { answer, sent } = endless(500, "oops ");
  await using served = await serve(answer);
  await expect(served.client.request(POD, never)).rejects.toMatchObject({ code: "cluster-unavailable" });
  expect(sent()).toBeLessThan(16 * 1024 * 1024);
});

test("a watch whose line has no end is ended", async () => {
  const { answer, sent } = endless(200, '{"type":"');
  await using served = await serve(answer);
  const body = await served.client.stream(collectionPath("pods", "a"), { watch: "true" }, never);
  const read = async () => {
    for await (const event of watchEvents(body, 5_000)) expect(event).toBeUndefined();
  };
  await expect(read()).rejects.toMatchObject({ code: "cluster-unavailable" });
  expect(sent()).toBeLessThan(64 * 1024 * 1024);
});

test("a list whose pages have no end is ended", async () => {
  let pages = 0;
  await using served = await serve((_request, response) => {
    pages++;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ kind: "PodList", metadata: { continue: "more", resourceVersion: "1" }, items: [] }));
  });
  await expect(listAll(served.client, "pods", "a", never)).rejects.toMatchObject({ code: "cluster-unavailable" });
  expect(pages).toBe(1_000);
});
