import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Io } from "../../../src/main/io.ts";
import { runCli } from "../../../src/main/program.ts";
import { kubeconfigFile } from "../kubernetes/support/serve.ts";
import { type TinyApi, tinyApi } from "../kubernetes/support/tiny-api.ts";

const CONFIG = `cluster: test
prometheus: { url: http://127.0.0.1:9 }
kubernetes: { namespace: aftershock }
policies:
  - name: drains
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: node-drain }, { kind: http-abort }]
`;
const NODE = "/api/v1/nodes/node-b";
const LEASE = "/apis/coordination.k8s.io/v1/namespaces/aftershock/leases/aftershock";
const MARKS = {
  "aftershock.dev/experiment": "drains-20260306T091500Z",
  "aftershock.dev/expires-at": "2099-01-01T00:00:00Z",
  "aftershock.dev/installation": "chaos/aftershock-0000000a",
};

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-uninstall-"));
  writeFileSync(join(folder, "aftershock.yaml"), CONFIG);
});
afterEach(() => rmSync(folder, { recursive: true }));

async function uninstall(api: TinyApi): Promise<{ code: number; out: string }> {
  let out = "";
  const io: Io = {
    env: { KUBECONFIG: kubeconfigFile(folder, api.url), AFTERSHOCK_USER: "ada" },
    cwd: folder,
    out: (text) => {
      out += text;
    },
    err: () => undefined,
    terminal: false,
    signal: new AbortController().signal,
  };
  return { code: await runCli(["uninstall"], io), out };
}

test("uninstall halts, undoes active faults whoever's they are, and says what to delete", async () => {
  await using api = await tinyApi();
  api.put(NODE, { metadata: { annotations: MARKS }, spec: { unschedulable: true } });
  const { code, out } = await uninstall(api);
  expect(code).toBe(0);
  expect(api.get(NODE)?.spec).toEqual({});
  expect(api.get(NODE)?.metadata.annotations).toEqual({});
  expect(JSON.stringify(api.get(LEASE)?.metadata.annotations)).toContain("being uninstalled");
  expect(out).toContain(
    "Taken back: cordon of node node-b, of experiment drains-20260306T091500Z of installation chaos/aftershock-0000000a.",
  );
  expect(out).toContain("kubectl delete lease aftershock -n aftershock");
});

test("uninstall says what is left, and exits 3", async () => {
  await using api = await tinyApi();
  api.put(NODE, { metadata: { annotations: MARKS }, spec: { unschedulable: true } });
  api.intercept((request) => (request.verb === "patch" && request.resource === "nodes" ? "delete-pod-403" : undefined));
  const { code, out } = await uninstall(api);
  expect(code).toBe(3);
  expect(out).toContain("LEFT: cordon of node node-b, of experiment drains-20260306T091500Z");
});
