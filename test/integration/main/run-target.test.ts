import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run } from "../../../src/main/commands/run.ts";
import type { Io } from "../../../src/main/io.ts";
import { kubeconfigFile, never } from "../kubernetes/support/serve.ts";
import { tinyApi } from "../kubernetes/support/tiny-api.ts";

const config = (storage: string) => `cluster: test
prometheus: { url: "http://127.0.0.1:9" }
kubernetes: { namespace: chaos, lease: aftershock }
storage: { url: "${storage}" }
policies:
  - name: pods
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app], names: [go-app] }
    faults: [{ kind: pod-delete }]
`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-run-target-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  { target: "go-app/go-app-db", why: "policy pods names only go-app" },
  { target: "shop/go-app", why: "policy pods reaches only go-app" },
  { target: "go-app", why: "namespace/name was expected" },
])("run --target $target is refused before anything is planned or called", async ({ target, why }) => {
  await using api = await tinyApi();
  const file = join(folder, "aftershock.yaml");
  writeFileSync(file, config(`embedded:${folder}/store`));
  const io: Io = {
    env: { KUBECONFIG: kubeconfigFile(folder, api.url) },
    cwd: folder,
    out: () => undefined,
    err: () => undefined,
    terminal: false,
    signal: never,
  };
  const asked = run({ config: file, json: false, policy: "pods", target, refusedOk: true }, io);
  await expect(asked).rejects.toMatchObject({ code: "usage", message: `--target ${target}: ${why}` });
});
