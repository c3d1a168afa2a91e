import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { collectionPath, objectPath } from "../../../src/adapters/kubernetes/client/paths.ts";
import { watchEvents } from "../../../src/adapters/kubernetes/client/watch-lines.ts";
import { never, replay, serve } from "./support/serve.ts";

/** Answers requests, and keeps watches open. */
function watchesStay(request: IncomingMessage, response: ServerResponse): void {
  if (request.url?.includes("watch=true"))
    response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
  else replay(response, "get-pod");
}

test("watches of many namespaces leave room for everything else", async () => {
  await using served = await serve(watchesStay, { timeoutMs: 2_000 });
  const stop = new AbortController();
  const namespaces = Array.from({ length: 40 }, (_, i) => `team-${i}`);
  const bodies = await Promise.all(
    namespaces.map((one) => served.client.stream(collectionPath("pods", one), { watch: "true" }, stop.signal)),
  );
  expect(bodies).toHaveLength(40);
  await served.client.request({ method: "GET", path: objectPath("pods", "go-app", "repeater-0") }, never);
  stop.abort();
});

test.each([
  {
    name: "is aborted",
    end: async (body: ReadableStream<Uint8Array>, stop: AbortController) => {
      stop.abort();
      await body.getReader().closed.catch(() => undefined);
    },
  },
  {
    name: "stays silent for too long",
    end: async (body: ReadableStream<Uint8Array>) => {
      for await (const _event of watchEvents(body, 20));
    },
  },
])("a watch that $name leaves no connection behind", async ({ end }) => {
  const closed = Promise.withResolvers<void>();
  await using served = await serve((request, response) => {
    once(request.socket, "close").then(() => closed.resolve(), closed.reject);
    watchesStay(request, response);
  });
  const stop = new AbortController();
  const body = await served.client.stream(collectionPath("pods", "go-app"), { watch: "true" }, stop.signal);
  await end(body, stop);
  await closed.promise;
});

test("requests that are refused leave their connection to the next one", async () => {
  await using served = await serve((request, response) => {
    const refused = request.url?.endsWith("/refused");
    if (refused) response.writeHead(503, { "content-type": "text/html" }).end("<html>".repeat(100_000));
    else replay(response, "get-pod");
  });
  for (let i = 0; i < 20; i++) {
    const asked = served.client.request({ method: "GET", path: objectPath("pods", "go-app", "refused") }, never);
    await expect(asked).rejects.toMatchObject({ code: "cluster-unavailable", retryable: true });
    await served.client.request({ method: "GET", path: objectPath("pods", "go-app", "repeater-0") }, never);
  }
  expect(served.connections()).toBeLessThanOrEqual(2);
});
