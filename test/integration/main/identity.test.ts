import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Io } from "../../../src/main/io.ts";
import { openCluster } from "../../../src/main/open-cluster.ts";
import { kubeconfigFile, never } from "../kubernetes/support/serve.ts";
import { tinyApi } from "../kubernetes/support/tiny-api.ts";

const CONFIG = `cluster: test
prometheus: { url: http://127.0.0.1:9 }
storage: { url: "embedded:./data" }
policies:
  - name: pods
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: pod-delete }]
`;

test("of two processes with one host name and one process id only one holds the lease", async () => {
  const folder = mkdtempSync(join(tmpdir(), "aftershock-identity-"));
  try {
    await using api = await tinyApi();
    writeFileSync(join(folder, "aftershock.yaml"), CONFIG);
    const io: Io = {
      env: { KUBECONFIG: kubeconfigFile(folder, api.url) },
      cwd: folder,
      out: () => undefined,
      err: () => undefined,
      terminal: false,
      signal: never,
    };
    await using one = await openCluster({ config: "aftershock.yaml" }, io);
    await using other = await openCluster({ config: "aftershock.yaml" }, io);
    expect(await one.lease.hold(never)).toEqual({ token: 1 });
    expect(await other.lease.hold(never)).toBeNull();
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
