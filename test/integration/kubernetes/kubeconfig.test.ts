import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ConnectOptions, connect } from "../../../src/adapters/kubernetes/client/client.ts";
import { wasNeverSent } from "../../../src/adapters/kubernetes/client/errors.ts";
import { loadKubeconfig } from "../../../src/adapters/kubernetes/client/kubeconfig.ts";
import { objectPath } from "../../../src/adapters/kubernetes/client/paths.ts";
import { kubeconfigFile, never, replay, type Served, serve } from "./support/serve.ts";

let folder = "";
const file = (name: string) => join(folder, name);
const ask = { method: "GET", path: objectPath("pods", "go-app", "repeater-0") } as const;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-kubeconfig-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A server that knows whoever `knows` says, and remembers who asked. */
async function server(knows: (token: string) => boolean = () => true): Promise<Served & { tokens: string[] }> {
  const tokens: string[] = [];
  const served = await serve((request, response) => {
    const token = (request.headers.authorization ?? "nobody").replace("Bearer ", "");
    tokens.push(token);
    if (knows(token)) return replay(response, "get-pod");
    response.writeHead(401, { "content-type": "application/json" });
    response.end(JSON.stringify({ kind: "Status", code: 401, message: "Unauthorized" }));
  });
  return Object.assign(served, { tokens });
}

/** A plugin that runs these lines of shell; each run leaves a mark. */
function plugin(...lines: string[]): object {
  const script = ["#!/bin/sh", `echo run >> "${file("runs")}"`, ...lines];
  writeFileSync(file("plugin"), `${script.join("\n")}\n`);
  writeFileSync(file("runs"), "");
  chmodSync(file("plugin"), 0o755);
  const apiVersion = "client.authentication.k8s.io/v1";
  return { exec: { apiVersion, command: file("plugin"), interactiveMode: "Never" } };
}
const says = (status: object) => `echo '${JSON.stringify({ kind: "ExecCredential", status })}'`;
const runs = () => readFileSync(file("runs"), "utf8").split("\n").length - 1;
const client = (url: string, user: object, options: ConnectOptions = {}) =>
  connect({ kubeconfig: kubeconfigFile(folder, url, user as Record<string, unknown>), ...options });

describe("an exec plugin", () => {
  test("is asked once for many requests that begin together", async () => {
    await using served = await server();
    await using asking = client(served.url, plugin(says({ token: "t" })));
    await Promise.all(Array.from({ length: 20 }, () => asking.request(ask, never)));
    expect([runs(), new Set(served.tokens)]).toEqual([1, new Set(["t"])]);
  });

  test("whose token without an end is refused is asked again", async () => {
    await using served = await server((token) => token === "new");
    writeFileSync(file("token"), "old");
    const says = `printf '{"kind":"ExecCredential","status":{"token":"%s"}}' "$(cat ${file("token")})"`;
    await using asking = client(served.url, plugin(says));
    await expect(asking.request(ask, never)).rejects.toMatchObject({ code: "cluster-forbidden" });
    writeFileSync(file("token"), "new");
    await asking.request(ask, never);
    expect(served.tokens).toEqual(["old", "new"]);
  });

  test("that hangs is given up like a server that hangs, and nothing was sent", async () => {
    await using served = await server();
    await using asking = client(served.url, plugin("exec sleep 30"), { timeoutMs: 300 });
    const error: unknown = await asking.request(ask, never).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "cluster-unavailable", message: expect.stringContaining("credentials") });
    expect([wasNeverSent(error), served.tokens]).toEqual([true, []]);
    const watch = asking.stream("/api/v1/pods", { watch: "true" }, never);
    await expect(watch).rejects.toMatchObject({ code: "cluster-unavailable" });
  });

  test("that hangs does not hold up whoever aborts", async () => {
    await using served = await server();
    await using asking = client(served.url, plugin("exec sleep 30"));
    const stop = new AbortController();
    const asked = asking.request(ask, stop.signal);
    stop.abort(new Error("halted"));
    await expect(asked).rejects.toThrow("halted");
  });

  test("that fails is named, with what it said, and nothing was sent", async () => {
    await using served = await server();
    await using asking = client(served.url, plugin("echo 'please log in' >&2", "exit 1"));
    const error: unknown = await asking.request(ask, never).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "cluster-unavailable", message: expect.stringContaining("please log in") });
    expect([wasNeverSent(error), served.tokens]).toEqual([true, []]);
  });

  test("that prints a bare token has it in no error", async () => {
    await using served = await server();
    await using asking = client(served.url, plugin("echo s3cr3t-t0ken"));
    const error: unknown = await asking.request(ask, never).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "cluster-unavailable", message: expect.stringContaining("no credentials") });
    expect(inspect(error, { depth: null })).not.toContain("s3cr3t");
  });

  test("is told in which version to answer, and that nobody is there to ask", async () => {
    await using served = await server();
    const told = `printf '%s' "$KUBERNETES_EXEC_INFO" > ${file("told")}`;
    await using asking = client(served.url, plugin(told, says({ token: "t" })));
    await asking.request(ask, never);
    expect(JSON.parse(readFileSync(file("told"), "utf8"))).toEqual({
      apiVersion: "client.authentication.k8s.io/v1",
      kind: "ExecCredential",
      spec: { interactive: false },
    });
  });

  test("is found beside the kubeconfig when its path is relative", async () => {
    await using served = await server();
    plugin(says({ token: "t" }));
    await using asking = client(served.url, { exec: { command: "./plugin" } });
    await asking.request(ask, never);
    expect(served.tokens).toEqual(["t"]);
  });
});

describe("a token", () => {
  test("in a file beside the kubeconfig is used, and read again when it is refused", async () => {
    await using served = await server((token) => token === "new");
    writeFileSync(file("token"), "old\n");
    await using asking = client(served.url, { tokenFile: "token" });
    await expect(asking.request(ask, never)).rejects.toMatchObject({ code: "cluster-forbidden" });
    writeFileSync(file("token"), "new\n");
    await asking.request(ask, never);
    expect(served.tokens).toEqual(["old", "new"]);
  });

  test("that somebody renewed in the kubeconfig is used once the old one is refused", async () => {
    await using served = await server((token) => token === "new");
    await using asking = client(served.url, { token: "old" });
    await expect(asking.request(ask, never)).rejects.toMatchObject({ code: "cluster-forbidden" });
    kubeconfigFile(folder, served.url, { token: "new" });
    await asking.request(ask, never);
    expect(served.tokens).toEqual(["old", "new"]);
  });

  test("of another cluster that the kubeconfig now names is never sent to this one", async () => {
    await using served = await server(() => false);
    await using asking = client(served.url, { token: "old" });
    await asking.request(ask, never).catch(() => undefined);
    kubeconfigFile(folder, "http://127.0.0.1:9", { token: "of another cluster" });
    await asking.request(ask, never).catch(() => undefined);
    expect(served.tokens).toEqual(["old", "old"]);
  });
});

test("a kubeconfig that is no YAML is named by its line, without what stands there", () => {
  writeFileSync(file("kubeconfig"), "users:\n- name: u\n  user:\n    token: s3cr3t\n   bad: [\n");
  const read = () => connect({ kubeconfig: file("kubeconfig") });
  expect(read).toThrow(/cannot read the kubeconfig.*\b[456]\b/);
  expect(read).not.toThrow("s3cr3t");
});

test("an address with a password is refused, and not repeated", () => {
  const read = () => connect({ kubeconfig: kubeconfigFile(folder, "https://me:s3cr3t@api.example.com") });
  expect(read).toThrow("carries a password");
  expect(read).not.toThrow("s3cr3t");
});

describe("several kubeconfigs", () => {
  const part = (name: string, changes: object) => {
    writeFileSync(file(name), JSON.stringify({ clusters: [], users: [], contexts: [], ...changes }));
    return file(name);
  };
  const cluster = (name: string, server: string) => ({ clusters: [{ name, cluster: { server } }] });
  const context = { contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "n" } }] };
  const files = (...names: string[]) => names.join(delimiter);

  test("are one, as kubectl has it: the first to say something counts, and missing files are skipped", async () => {
    await using asking = connect({
      kubeconfig: files(
        file("missing"),
        part("first", cluster("c", "http://first")),
        part("second", { ...cluster("c", "http://second"), ...context, "current-context": "x" }),
        part("third", { "current-context": "y" }),
      ),
    });
    expect(asking.server).toBe("http://first");
  });

  test("that are all missing are an error that names them", () => {
    expect(() => connect({ kubeconfig: files(file("a"), file("b")) })).toThrow("cannot read the kubeconfig");
  });

  test("of an empty $KUBECONFIG are none: the home folder counts", async () => {
    mkdirSync(file(".kube"));
    kubeconfigFile(file(".kube"), "http://home");
    writeFileSync(file(".kube/config"), readFileSync(file(".kube/kubeconfig")));
    vi.stubEnv("HOME", folder);
    await using asking = connect({ kubeconfig: "" });
    expect(asking.server).toBe("http://home");
  });
});

describe("a proxy of the environment", () => {
  const proxyOf = (options: ConnectOptions) => loadKubeconfig(options).getCurrentCluster()?.proxyUrl;
  beforeEach(() => vi.stubEnv("HTTPS_PROXY", "http://proxy:3128"));

  test("leads to the server of a kubeconfig that names none of its own", () => {
    const kubeconfig = kubeconfigFile(folder, "https://api.example.com");
    expect(proxyOf({ kubeconfig })).toBe("http://proxy:3128");
    vi.stubEnv("NO_PROXY", "example.com");
    expect(proxyOf({ kubeconfig })).toBeUndefined();
  });

  test("gives way to the kubeconfig's own", () => {
    const kubeconfig = kubeconfigFile(folder, "https://api.example.com");
    const text = readFileSync(kubeconfig, "utf8");
    writeFileSync(kubeconfig, text.replace('"server"', '"proxy-url":"http://own:1","server"'));
    expect(proxyOf({ kubeconfig })).toBe("http://own:1");
  });

  test("is not asked for the cluster that a pod runs in", () => {
    const at = file("pod/var/run/secrets/kubernetes.io/serviceaccount");
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, "token"), "t");
    vi.stubEnv("KUBERNETES_SERVICE_HOST", "10.96.0.1");
    vi.stubEnv("KUBERNETES_SERVICE_PORT", "443");
    expect(proxyOf({ inCluster: true, serviceAccountPrefix: file("pod") })).toBeUndefined();
  });
});
