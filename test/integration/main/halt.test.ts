import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Io } from "../../../src/main/io.ts";
import { runCli } from "../../../src/main/program.ts";
import { kubeconfigFile } from "../kubernetes/support/serve.ts";
import { type TinyApi, tinyApi } from "../kubernetes/support/tiny-api.ts";

const config = (kubernetes: string): string => `cluster: test
prometheus: { url: http://127.0.0.1:9 }
storage: { url: "embedded:./data" }
${kubernetes}
policies:
  - name: pods
    schedule: { cron: "0 9 * * *" }
    target: { namespaces: [go-app] }
    faults: [{ kind: pod-delete }]
`;
const leaseIn = (namespace: string): string => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/aftershock`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-halt-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Halts as a person does whose kubeconfig's context is in another namespace. */
async function halt(api: TinyApi, kubernetes: string, why: string, changed = (text: string) => text) {
  writeFileSync(join(folder, "aftershock.yaml"), changed(config(kubernetes)));
  const kubeconfig = kubeconfigFile(folder, api.url);
  writeFileSync(kubeconfig, readFileSync(kubeconfig, "utf8").replace('"namespace":"aftershock"', '"namespace":"shop"'));
  let out = "";
  const io: Io = {
    env: { KUBECONFIG: kubeconfig, AFTERSHOCK_USER: "ada" },
    cwd: folder,
    out: (text) => {
      out += text;
    },
    err: () => undefined,
    terminal: false,
    signal: new AbortController().signal,
  };
  return { code: await runCli(["halt", why], io), out };
}

test.each([
  { name: "where the manifests install it", kubernetes: "", namespace: "aftershock" },
  { name: "where the configuration has it", kubernetes: "kubernetes: { namespace: chaos }", namespace: "chaos" },
])(
  "a halt is written on the lease $name, not in the namespace of the person's context",
  async ({ kubernetes, namespace }) => {
    await using api = await tinyApi();
    api.put(leaseIn(namespace), { metadata: {}, spec: {} });
    const { code, out } = await halt(api, kubernetes, "incident 4711");
    expect(code).toBe(0);
    expect(JSON.stringify(api.get(leaseIn(namespace))?.metadata.annotations)).toContain("incident 4711");
    expect(api.get(leaseIn("shop"))).toBeUndefined();
    expect(out).toContain(`Written on lease ${namespace}/aftershock at ${api.url}`);
    expect(out).toContain(
      `In force. Nothing is injected by workers with lease ${namespace}/aftershock at ${api.url} until`,
    );
  },
  60_000,
);

test("a halt needs none of the worker's secrets: they are not on everybody's machine", async () => {
  await using api = await tinyApi();
  const secrets = `slack: { webhookUrl: { env: NOT_HERE } }`;
  const prometheus = "bearerToken: { file: /nowhere/token }, url:";
  const { code, out } = await halt(api, secrets, "incident 4711", (text) =>
    text.replace("url:", prometheus).replace('"embedded:./data"', "{ env: NOT_HERE_EITHER }"),
  );
  expect(out).toContain("Halted: incident 4711");
  expect(code).toBe(0);
}, 60_000);

/** An API server that says who asks, as the audit log has it. */
function knowsAsker(api: TinyApi, username: string): void {
  const body = { kind: "SelfSubjectReview", status: { userInfo: { username } } };
  api.intercept(({ resource }) => (resource === "selfsubjectreviews" ? { code: 201, body } : undefined));
}
const intent = (api: TinyApi) => JSON.stringify(api.get(leaseIn("aftershock"))?.metadata.annotations);

test("a halt says who gave it, as they say themselves and as the API server knows them", async () => {
  await using api = await tinyApi();
  knowsAsker(api, "jane@example.com");
  expect((await halt(api, "", "incident 4711")).code).toBe(0);
  expect(intent(api)).toContain("ada (jane@example.com)");
}, 60_000);

test("a halt that does not learn who gives it is a halt", async () => {
  await using api = await tinyApi();
  api.intercept(({ resource }) => (resource === "selfsubjectreviews" ? { code: 403, message: "no" } : undefined));
  expect((await halt(api, "", "incident 4711")).code).toBe(0);
  expect(intent(api)).toContain("ada (the API server does not say who)");
}, 60_000);

test("a halt without a reason is a halt", async () => {
  await using api = await tinyApi();
  expect((await halt(api, "", " ")).out).toContain("Halted: no reason was given");
  expect(JSON.stringify(api.get(leaseIn("aftershock"))?.metadata.annotations)).toContain("no reason was given");
}, 60_000);

test("a halt says that it is in force only when the intent on the lease has an outcome", async () => {
  await using api = await tinyApi();
  const lease = leaseIn("aftershock");
  const intent = { experimentId: "pods-1", t0Ms: 0, target: "pod-delete go-app/a", by: "worker" };
  const noted = (outcome: string | null) => ({ "aftershock.dev/intent": JSON.stringify({ ...intent, outcome }) });
  api.put(lease, { metadata: { annotations: noted(null) }, spec: {} });
  let reads = 0;
  api.intercept(({ verb, resource }) => {
    if (verb === "get" && resource === "leases") reads += 1;
    const annotations = api.get(lease)?.metadata.annotations as object;
    if (reads === 3) api.put(lease, { metadata: { annotations: { ...annotations, ...noted("injected") } }, spec: {} });
    return undefined;
  });
  const { code, out } = await halt(api, "", "incident 4711");
  expect([code, out.indexOf("Written") < out.indexOf("In force"), reads]).toEqual([0, true, 3]);
}, 60_000);
