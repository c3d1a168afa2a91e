import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, fetch } from "undici";
import { expect, test } from "vitest";
import { connect } from "../../../src/adapters/kubernetes/client/client.ts";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { kubeconfigFile } from "../kubernetes/support/serve.ts";
import { sourceOptions } from "../prometheus/mesh.ts";

const never = new AbortController().signal;
const NOW_MS = Date.UTC(2026, 2, 6);

/**
 * Opens a port, lets `ask` try HTTPS there, and answers the first bytes that it sends: a TLS hello
 * names the protocols it offers in clear.
 */
async function helloOf(ask: (url: string) => Promise<unknown>): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  const hello = new Promise<string>((resolve) => {
    server.on("connection", (socket) => {
      socket
        .on("error", () => undefined)
        .once("data", (bytes) => {
          resolve(bytes.toString("latin1"));
          socket.destroy();
        });
    });
  });
  const asked = ask(`https://127.0.0.1:${address.port}`).catch(() => undefined);
  const bytes = await hello;
  await asked;
  server.close();
  return bytes;
}

const offersHttp2 = (hello: string): boolean => hello.includes("\x02h2");

test("a client that offers HTTP/2 is recognised, as undici's own pool does", async () => {
  const dispatcher = new Agent();
  expect(offersHttp2(await helloOf((url) => fetch(url, { dispatcher })))).toBe(true);
  await dispatcher.destroy();
});

test("the API server is asked in HTTP/1.1", async () => {
  const folder = mkdtempSync(join(tmpdir(), "aftershock-kubeconfig-"));
  const hello = await helloOf(async (url) => {
    await using client = connect({ kubeconfig: kubeconfigFile(folder, url) });
    await client.request({ method: "GET", path: "/version" }, never);
  });
  rmSync(folder, { recursive: true });
  expect(offersHttp2(hello)).toBe(false);
});

test.each([
  { what: "counts", ask: (url: string) => prometheusSource(sourceOptions(url, NOW_MS)).recent(NOW_MS, 60_000, never) },
  { what: "health", ask: (url: string) => prometheusSource(sourceOptions(url, NOW_MS)).health(never) },
])("Prometheus is asked for $what in HTTP/1.1", async ({ ask }) => {
  expect(offersHttp2(await helloOf(ask))).toBe(false);
});
