import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Io } from "../../../src/main/io.ts";
import { runCli } from "../../../src/main/program.ts";
import { kubeconfigFile } from "../kubernetes/support/serve.ts";
import { tinyApi } from "../kubernetes/support/tiny-api.ts";

const config = (mode: string) => `cluster: test
mode: ${mode}
prometheus: { url: http://127.0.0.1:9 }
storage: { url: "embedded:./data" }
policies:
  - name: own
    schedule: { cron: "0 */2 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: pod-evict }]
web: { host: 127.0.0.1, port: 0 }
`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-reload-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A worker in this process that collects what it says. */
function startWorker(apiUrl: string) {
  const stop = new AbortController();
  const waiting = new Map<string, (line: string) => void>();
  const io: Io = {
    env: { KUBECONFIG: kubeconfigFile(folder, apiUrl) },
    cwd: folder,
    out: () => undefined,
    err: (line) => {
      for (const [text, tell] of waiting) if (line.includes(text)) tell(line);
    },
    terminal: false,
    signal: stop.signal,
  };
  return {
    /** The next line that contains `text`. */
    said: (text: string) => new Promise<string>((resolve) => waiting.set(text, resolve)),
    ended: runCli(["worker"], io),
    stop: () => stop.abort(),
  };
}

test("a worker says at its start that somebody with another storage uses its lease", async () => {
  await using api = await tinyApi();
  writeFileSync(join(folder, "aftershock.yaml"), config("observe"));
  const intent = JSON.stringify({ experimentId: "other-20260306T091500Z", t0Ms: Date.now(), target: "a pod" });
  const annotations = { "aftershock.dev/intent": intent };
  api.put("/apis/coordination.k8s.io/v1/namespaces/aftershock/leases/aftershock", { metadata: { annotations } });
  const worker = startWorker(api.url);
  const ready = worker.said("dashboard");
  expect(await worker.said("this storage does not know it")).toContain("other-20260306T091500Z");
  await ready;
  worker.stop();
  expect(await worker.ended).toBe(0);
}, 60_000);

test("a policy that is armed while the worker runs has its slots at once, not when the worker plans next", async () => {
  await using api = await tinyApi();
  writeFileSync(join(folder, "aftershock.yaml"), config("observe"));
  const worker = startWorker(api.url);
  await worker.said("dashboard");
  writeFileSync(join(folder, "aftershock.yaml"), config("inject"));
  const planned = await worker.said("slots planned");
  expect(JSON.parse(planned)).toMatchObject({ slots: 12 });
  worker.stop();
  expect(await worker.ended).toBe(0);
}, 60_000);
