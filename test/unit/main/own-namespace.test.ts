import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownNamespace, podNamespace } from "../../../src/main/setup/own-namespace.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aftershock-namespace-"));
  await writeFile(join(folder, "namespace"), "chaos\n");
});
afterAll(() => rm(folder, { recursive: true }));

const file = () => join(folder, "namespace");
const config = { kubernetes: { namespace: null } } as never;

test("in a pod, what is printed is for the pod's own namespace", async () => {
  expect(ownNamespace(config, await podNamespace({ KUBERNETES_SERVICE_HOST: "10.96.0.1" }, file()))).toBe("chaos");
});

test("outside a pod it is the one of the manifests, whatever files there are", async () => {
  expect(ownNamespace(config, await podNamespace({}, file()))).toBe("aftershock");
});

test("a pod without that file is told as outside", async () => {
  expect(await podNamespace({ KUBERNETES_SERVICE_HOST: "10.96.0.1" }, join(folder, "none"))).toBeNull();
});
