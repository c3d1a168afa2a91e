import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type ConnectOptions, connect, type KubernetesClient } from "../../../src/adapters/kubernetes/client/client.ts";
import { wasNeverSent } from "../../../src/adapters/kubernetes/client/errors.ts";
import { collectionPath } from "../../../src/adapters/kubernetes/client/paths.ts";
import { describeWith, findProgram } from "../../support/requires.ts";
import { connectProxy } from "./support/connect-proxy.ts";
import { answerJson, never } from "./support/serve.ts";
import { socksProxy } from "./support/socks.ts";

describeWith("openssl", "over TLS, a kubeconfig", () => {
  let folder = "";
  let server: Server;
  let seen: { authorization: string | undefined; subject: string | undefined }[] = [];
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync(findProgram("openssl")!, args, { cwd: folder, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

  /** A certificate that the CA of the test signs. */
  function issue(name: string, subject: string): void {
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject);
    writeFileSync(file("names"), "subjectAltName=IP:127.0.0.1,DNS:api.test");
    const ca = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
    openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.crt`, ...ca);
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "aftershock-tls-"));
    openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test", "-days", "2");
    issue("server", "/CN=server");
    issue("client", "/CN=somebody/O=people");
    issue("renewed", "/CN=somebody-renewed/O=people");
    const read = (name: string) => readFileSync(file(name));
    const tls = { ca: read("ca.crt"), key: read("server.key"), cert: read("server.crt") };
    server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      seen.push({ authorization: request.headers.authorization, subject: subject?.CN as string | undefined });
      answerJson(response, 200, { kind: "PodList", items: [] });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(() => {
    seen = [];
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  const port = () => String((server.address() as AddressInfo).port);
  const list = { method: "GET", path: collectionPath("pods", "go-app") } as const;

  function clientOf(
    user: object,
    cluster: object = { "certificate-authority": file("ca.crt") },
    options: ConnectOptions = {},
  ): KubernetesClient {
    const config = {
      clusters: [{ name: "c", cluster: { server: `https://127.0.0.1:${port()}`, ...cluster } }],
      users: [{ name: "u", user }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    };
    writeFileSync(file("kubeconfig"), JSON.stringify(config));
    return connect({ kubeconfig: file("kubeconfig"), ...options });
  }

  async function ask(user: object, cluster?: object, times = 1): Promise<void> {
    await using client = clientOf(user, cluster);
    for (let i = 0; i < times; i++) await client.request(list, never);
  }

  /** A plugin that says this, and leaves a mark each time it is run. */
  function plugin(status: object): object {
    const credential = { apiVersion: "client.authentication.k8s.io/v1", kind: "ExecCredential", status };
    writeFileSync(file("credential.json"), JSON.stringify(credential));
    writeFileSync(file("plugin"), `#!/bin/sh\necho run >> "${file("runs")}"\ncat "${file("credential.json")}"\n`);
    writeFileSync(file("runs"), "");
    chmodSync(file("plugin"), 0o755);
    return { exec: { apiVersion: credential.apiVersion, command: file("plugin"), interactiveMode: "Never" } };
  }

  test("with a client certificate is known by it", async () => {
    await ask({ "client-certificate": file("client.crt"), "client-key": file("client.key") });
    expect(seen).toEqual([{ authorization: undefined, subject: "somebody" }]);
  });

  test("with a client certificate that was renewed is known by the new one", async () => {
    const [certificate, secret] = ["now.crt", "now.key"].map(file);
    const put = (name: string) => {
      for (const end of ["crt", "key"]) copyFileSync(file(`${name}.${end}`), file(`now.${end}`));
    };
    put("client");
    await using client = clientOf({ "client-certificate": certificate, "client-key": secret });
    await client.request(list, never);
    put("renewed");
    await client.request(list, never);
    expect(seen.map((one) => one.subject)).toEqual(["somebody", "somebody-renewed"]);
  });

  test("may name the server otherwise than its address does", async () => {
    const cluster = { server: `https://localhost:${port()}`, "certificate-authority": file("ca.crt") };
    const stranger: unknown = await ask({ token: "t" }, cluster).catch((cause: unknown) => cause);
    expect([wasNeverSent(stranger), seen]).toEqual([true, []]);
    await ask({ token: "t" }, { ...cluster, "tls-server-name": "api.test" });
    expect(seen).toHaveLength(1);
  });

  test("with an exec plugin sends the plugin's token, and asks it once while the token is good", async () => {
    await ask(plugin({ token: "from-plugin", expirationTimestamp: "2999-01-01T00:00:00Z" }), undefined, 3);
    expect(seen.map((one) => one.authorization)).toEqual(Array(3).fill("Bearer from-plugin"));
    expect(readFileSync(file("runs"), "utf8")).toBe("run\n");
  });

  test("with an exec plugin takes a certificate from it, too", async () => {
    const [certificate, secret] = ["client.crt", "client.key"].map((name) => readFileSync(file(name), "utf8"));
    await ask(plugin({ clientCertificateData: certificate, clientKeyData: secret }));
    expect(seen[0]?.subject).toBe("somebody");
  });

  test("with a name and a password sends both", async () => {
    await ask({ username: "somebody", password: "secret" });
    expect(seen[0]?.authorization).toBe(`Basic ${Buffer.from("somebody:secret").toString("base64")}`);
  });

  test("whose authority did not sign the server's certificate never sends a request", async () => {
    const error: unknown = await ask({ token: "t" }, {}).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "cluster-unavailable" });
    expect([wasNeverSent(error), seen]).toEqual([true, []]);
  });

  test("of a pod takes the service account's authority and token", async () => {
    const at = file("pod/var/run/secrets/kubernetes.io/serviceaccount");
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, "ca.crt"), readFileSync(file("ca.crt")));
    writeFileSync(join(at, "token"), "of-the-pod");
    vi.stubEnv("KUBERNETES_SERVICE_HOST", "127.0.0.1");
    vi.stubEnv("KUBERNETES_SERVICE_PORT", port());
    await using client = connect({ inCluster: true, serviceAccountPrefix: file("pod") });
    await client.request(list, never);
    expect(seen).toEqual([{ authorization: "Bearer of-the-pod", subject: undefined }]);
  });

  test("with a SOCKS proxy goes through it, over two tunnels at most for many requests", async () => {
    await using proxy = await socksProxy();
    await ask({ token: "t" }, { "certificate-authority": file("ca.crt"), "proxy-url": proxy.url }, 10);
    expect(seen.map((one) => one.authorization)).toEqual(Array(10).fill("Bearer t"));
    expect([1, 2]).toContain(proxy.tunnels());
  });

  test("with an HTTP proxy goes through tunnels of it, watches and all", async () => {
    await using proxy = await connectProxy(undefined, `Basic ${Buffer.from("me:secret").toString("base64")}`);
    const proxyUrl = proxy.url.replace("//", "//me:secret@");
    await using client = clientOf({ token: "t" }, { "certificate-authority": file("ca.crt"), "proxy-url": proxyUrl });
    const stop = new AbortController();
    const watches = Array.from({ length: 20 }, () => client.stream(list.path, { watch: "true" }, stop.signal));
    expect(await Promise.all(watches)).toHaveLength(20);
    await client.request(list, never);
    expect(seen).toHaveLength(21);
    expect(proxy.tunnels()).toBeGreaterThan(0);
    stop.abort();
  });

  test("whose proxy refuses the tunnel names neither its password nor takes a call for sent", async () => {
    await using proxy = await connectProxy(403);
    const proxyUrl = proxy.url.replace("//", "//me:secret@");
    const error: unknown = await ask({}, { "certificate-authority": file("ca.crt"), "proxy-url": proxyUrl }).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: "cluster-unavailable" });
    expect(inspect(error, { depth: null })).not.toContain("secret");
    expect(seen).toEqual([]);
  });

  test("with an HTTP proxy that hung is there again once the proxy is", async () => {
    await using proxy = await connectProxy();
    proxy.hangs = true;
    const cluster = { "certificate-authority": file("ca.crt"), "proxy-url": proxy.url };
    await using client = clientOf({ token: "t" }, cluster, { timeoutMs: 1_000, connectTimeoutMs: 500 });
    const asked = await Promise.allSettled(Array.from({ length: 40 }, () => client.request(list, never)));
    expect(new Set(asked.map((one) => one.status))).toEqual(new Set(["rejected"]));
    proxy.hangs = false;
    const again = async (): Promise<object> => client.request(list, never).catch(again);
    expect(await again()).toMatchObject({ kind: "PodList" });
  });

  test("asked many things at once before anything is connected opens one pool", async () => {
    let connections = 0;
    const count = (): void => void connections++;
    server.on("secureConnection", count);
    await using client = clientOf({ token: "t" });
    await Promise.all(Array.from({ length: 40 }, () => client.request(list, never)));
    server.off("secureConnection", count);
    expect(connections).toBeLessThanOrEqual(16);
  });
});
