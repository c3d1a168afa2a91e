import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AftershockError } from "../../../src/core/model/error.ts";
import type { Io } from "../../../src/main/io.ts";
import { onceStorageAnswers } from "../../../src/main/setup/await-storage.ts";
import { freePort } from "../../support/servers/process.ts";

const AWAY = new AftershockError("storage-unavailable", "storage redis://redis:6379 did not answer: ECONNREFUSED", {
  hint: "check that the storage of storage.url runs and can be reached",
  retryable: true,
});

const POLICIES = `policies:
  - name: pods
    schedule: { cron: "0 3 1 1 *", timezone: UTC }
    target: { namespaces: [shop] }
    faults: [{ kind: pod-delete }]
`;

let folder: string;
let port: number;
let errors: string[];
let stop: AbortController;
beforeEach(async () => {
  [errors, stop] = [[], new AbortController()];
  folder = await mkdtemp(join(tmpdir(), "aftershock-await-"));
  port = await freePort();
  await writeFile(
    join(folder, "aftershock.yaml"),
    `cluster: test\nprometheus: { url: "http://127.0.0.1:1" }\nweb: { host: 127.0.0.1, port: ${port} }\nmode: observe\n${POLICIES}`,
  );
});
afterEach(() => rm(folder, { recursive: true }));

const io = (): Io => ({
  env: {},
  cwd: folder,
  out: () => undefined,
  err: (text) => void errors.push(text),
  terminal: false,
  signal: stop.signal,
});

const get = async (path: string): Promise<{ status: number; text: string }> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
};

test("a worker without its storage stays up, is not ready, says why, and goes on when it answers", async () => {
  let away = true;
  const opened = onceStorageAnswers(
    { config: "aftershock.yaml" },
    io(),
    async () => {
      if (away) throw AWAY;
      return "opened";
    },
    50,
  );
  await sleep(500);
  expect(await get("/healthz")).toEqual({ status: 200, text: "ok\n" });
  const notReady = await get("/readyz");
  expect(notReady.status).toBe(503);
  expect(notReady.text).toContain("storage redis://redis:6379 did not answer: ECONNREFUSED");
  expect(errors.join("")).toContain("nothing is injected until it answers");
  away = false;
  expect(await opened).toBe("opened");
  // the port is the dashboard's now
  await expect(get("/healthz")).rejects.toThrow();
});

test("one that is stopped while it waits ends", async () => {
  const opened = onceStorageAnswers({ config: "aftershock.yaml" }, io(), () => Promise.reject(AWAY), 60_000);
  await sleep(100);
  stop.abort();
  expect(await opened).toBeNull();
});

test("what waiting does not mend ends it at once", async () => {
  const wrong = new AftershockError("config-invalid", "storage.url cannot be used");
  await expect(onceStorageAnswers({ config: "aftershock.yaml" }, io(), () => Promise.reject(wrong))).rejects.toBe(
    wrong,
  );
});
