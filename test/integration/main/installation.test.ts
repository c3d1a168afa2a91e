import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Io } from "../../../src/main/io.ts";
import { wire } from "../../../src/main/wire.ts";
import { orderOf, POD_PATH, podObject } from "../kubernetes/support/parts.ts";
import { kubeconfigFile, never } from "../kubernetes/support/serve.ts";
import { tinyApi } from "../kubernetes/support/tiny-api.ts";

const config = (storage: string) => `cluster: test
prometheus: { url: http://127.0.0.1:9 }
kubernetes: { namespace: chaos, lease: aftershock }
storage: { url: "embedded:./${storage}" }
policies:
  - name: drains
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: node-drain }]
`;
const NODE = "/api/v1/nodes/node-b";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-installation-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  { name: "of the installation that the lease names", installation: "chaos/ours", expiresMs: -1_000, left: undefined },
  { name: "whose time is not over", installation: "chaos/ours", expiresMs: 600_000, left: true },
  { name: "of another installation", installation: "chaos/theirs", expiresMs: -1_000, left: true },
])(
  "without its storage a process takes back what is over: a cordon $name",
  async ({ installation, expiresMs, left }) => {
    await using api = await tinyApi();
    const env = { KUBECONFIG: kubeconfigFile(folder, api.url) };
    const io: Io = { env, cwd: folder, out: () => undefined, err: () => undefined, terminal: false, signal: never };
    writeFileSync(join(folder, "aftershock.yaml"), config("none").replace("embedded:./none", "redis://127.0.0.1:9"));
    const drain = orderOf({ kind: "node-drain", durationMs: 60_000 });
    api.put(POD_PATH, podObject());
    api.put(NODE, {
      metadata: {
        name: "node-b",
        annotations: {
          "aftershock.dev/experiment": drain.experimentId,
          "aftershock.dev/expires-at": new Date(Date.now() + expiresMs).toISOString(),
          "aftershock.dev/installation": installation,
        },
      },
      spec: { unschedulable: true },
    });
    const intent = { experimentId: drain.experimentId, t0Ms: 0, target: "", by: "dead", outcome: "injected" };
    api.put("/apis/coordination.k8s.io/v1/namespaces/chaos/leases/aftershock", {
      metadata: {
        annotations: { "aftershock.dev/intent": JSON.stringify({ ...intent, installation: "chaos/ours" }) },
      },
      spec: {},
    });
    await expect(wire({ config: "aftershock.yaml" }, io)).rejects.toMatchObject({ code: "storage-unavailable" });
    expect((api.get(NODE)?.spec as { unschedulable?: boolean } | undefined)?.unschedulable).toBe(left);
  },
  60_000,
);

test("what stands carries the name of the storage's installation, and a process with another storage leaves it alone", async () => {
  await using api = await tinyApi();
  const env = { KUBECONFIG: kubeconfigFile(folder, api.url) };
  const io: Io = { env, cwd: folder, out: () => undefined, err: () => undefined, terminal: false, signal: never };
  const withStorage = (name: string) => {
    writeFileSync(join(folder, "aftershock.yaml"), config(name));
    return wire({ config: "aftershock.yaml" }, io, { passing: true });
  };
  api.put(NODE, { metadata: { name: "node-b" }, spec: {} });
  api.put(POD_PATH, podObject());
  const drain = { ...orderOf({ kind: "node-drain", durationMs: 60_000 }), expiresMs: Date.now() + 600_000 };
  {
    await using one = await withStorage("one");
    expect(await one.deps.injector.inject(drain, never)).toEqual({ kind: "injected" });
  }
  const name = expect.stringMatching(/^chaos\/aftershock-[0-9a-f]{8}$/);
  expect(api.get(NODE)?.metadata.annotations).toMatchObject({ "aftershock.dev/installation": name });
  await using two = await withStorage("two");
  expect(await two.deps.injector.sweep(Date.now(), () => false, never)).toEqual([]);
  expect(api.get(NODE)?.spec).toEqual({ unschedulable: true });
}, 120_000);
