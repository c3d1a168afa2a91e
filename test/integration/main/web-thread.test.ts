import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BUNDLE } from "../../../scripts/lib/bundle.mjs";
import type { WorkerFacts } from "../../../src/main/web/facts.ts";
import { startWebThread } from "../../../src/main/web/web-thread.ts";
import type { LogFields } from "../../../src/ports/log.ts";
import { bench, world } from "../../support/app.ts";
import { kubeconfigFile } from "../kubernetes/support/serve.ts";
import { tinyApi } from "../kubernetes/support/tiny-api.ts";

const CACHE = join(import.meta.dirname, "../../../node_modules/.cache");
let folder = "";
let entry: URL;
beforeAll(async () => {
  mkdirSync(CACHE, { recursive: true });
  folder = mkdtempSync(join(CACHE, "web-thread-"));
  const entryPoints = {
    "web-thread": "src/main/web/thread.ts",
    "store-thread": "src/adapters/storage/sqlite/thread.ts",
  };
  await build({ ...BUNDLE, entryPoints, outdir: folder, logLevel: "warning" });
  entry = pathToFileURL(join(folder, "web-thread.mjs"));
  writeFileSync(
    join(folder, "aftershock.yaml"),
    `cluster: test
prometheus: { url: http://127.0.0.1:9 }
signals: ../../../rules/signals/istio.yaml
policies:
  - name: own
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: pod-evict }]
`,
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function started(apiUrl: string, facts?: () => Promise<WorkerFacts>) {
  const { deps } = await bench(world());
  const told: (LogFields | undefined)[] = [];
  const now: WorkerFacts = {
    settings: deps.settings(),
    notFollowed: [],
    metrics: "a_total 7\n",
    notReady: null,
  };
  const web = await startWebThread(
    entry,
    {
      config: "aftershock.yaml",
      cwd: folder,
      env: { ...process.env, KUBECONFIG: kubeconfigFile(folder, apiUrl) },
      web: { host: "127.0.0.1", port: 0, hosts: ["aftershock.example.com"], base: "" },
    },
    facts ?? (async () => now),
    { log: { ...deps.log, error: (_message, fields) => void told.push(fields) } },
  );
  return { web, told, now };
}

function get(
  address: string,
  path: string,
  host?: string,
  hear?: (text: string) => void,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(`${address}${path}`, host === undefined ? {} : { headers: { host } }, (response) => {
      let body = "";
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
        hear?.(body);
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on("error", reject);
    asked.end();
  });
}

test("pages, API, probes and metrics come from the thread, under names of ours alone", async () => {
  await using api = await tinyApi();
  const { web } = await started(api.url);
  await using _ended = web;
  expect(await get(web.address, "/healthz")).toEqual({ status: 200, body: "ok\n" });
  expect(await get(web.address, "/readyz")).toEqual({ status: 200, body: "ok\n" });
  expect((await get(web.address, "/metrics")).body).toContain("a_total 7");
  expect(await get(web.address, "/findings")).toMatchObject({ status: 200 });
  expect((await get(web.address, "/api/slots", "aftershock.example.com")).status).toBe(200);
  for (const path of ["/", "/metrics", "/healthz", "/api/slots"])
    expect((await get(web.address, path, "evil.example")).status).toBe(421);
  expect((await get(web.address, "/%ff")).status).toBe(400);
}, 60_000);

test("changes are told by the thread until it ends, and under names of ours alone", async () => {
  await using api = await tinyApi();
  const { web } = await started(api.url);
  expect((await get(web.address, "/events", "evil.example")).status).toBe(421);
  const heard = Promise.withResolvers<string>();
  const all = get(web.address, "/events", undefined, heard.resolve);
  expect(await heard.promise).toContain("retry: 3000");
  await web[Symbol.asyncDispose]();
  expect((await all).status).toBe(200);
}, 60_000);

test("a worker that is stuck is not alive, and one without its journal is not ready", async () => {
  await using api = await tinyApi();
  const { web, now } = await started(api.url, () => new Promise(() => undefined));
  expect((await get(web.address, "/healthz")).status).toBe(503);
  await web[Symbol.asyncDispose]();
  const other = await started(api.url, async () => ({ ...now, notReady: "Redis does not answer" }));
  await using _ended = other.web;
  expect(await get(other.web.address, "/readyz")).toEqual({ status: 503, body: "not ready: Redis does not answer\n" });
  expect((await get(other.web.address, "/healthz")).status).toBe(200);
}, 60_000);

test("a port that is taken is said to be taken", async () => {
  await using api = await tinyApi();
  const { web } = await started(api.url);
  await using _ended = web;
  const given = {
    config: "aftershock.yaml",
    cwd: folder,
    env: {},
    web: { host: "127.0.0.1", port: Number(new URL(web.address).port), hosts: [], base: "" },
  };
  const { deps } = await bench(world());
  await expect(startWebThread(entry, given, () => new Promise(() => undefined), deps)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("EADDRINUSE"),
  });
}, 60_000);

test("two hundred readers who loop over the dashboard, and two hundred who are told of changes, do not hold up the worker's own loop", async () => {
  await using api = await tinyApi();
  const { web } = await started(api.url);
  await using _ended = web;
  const readers = new Worker(
    `const { request, Agent } = require("node:http");
    const agent = new Agent({ keepAlive: true, maxSockets: 200 });
    const read = () => request(${JSON.stringify(`${web.address}/`)}, { agent }, (answer) => {
      answer.resume();
      answer.on("end", read);
    }).on("error", () => setTimeout(read, 20)).end();
    for (let i = 0; i < 200; i++) read();
    const { parentPort } = require("node:worker_threads");
    let told = 0;
    const listen = () => request(${JSON.stringify(`${web.address}/events`)}, { agent: false }, (answer) => {
      if (answer.statusCode === 200) answer.once("data", () => parentPort.postMessage(++told));
      else setTimeout(listen, 100);
    }).on("error", () => setTimeout(listen, 100)).end();
    for (let i = 0; i < 200; i++) listen();`,
    { eval: true },
  );
  let told = 0;
  readers.on("message", (count: number) => (told = count));
  await expect.poll(() => told, { timeout: 30_000 }).toBe(200);
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  delays.disable();
  await readers.terminate();
  expect(delays.max / 1e6).toBeLessThan(1_000);
}, 60_000);
