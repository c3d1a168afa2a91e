import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { connect } from "../../../src/adapters/kubernetes/client/client.ts";
import { listAll } from "../../../src/adapters/kubernetes/client/lists.ts";
import { collectionPath, objectPath } from "../../../src/adapters/kubernetes/client/paths.ts";
import { answerJson, kubeconfigFile, never, recorded, replay, serve } from "./support/serve.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aftershock-kubeconfig-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("requests", () => {
  test("share connections: forty in a row open two at most", async () => {
    await using served = await serve((_request, response) => replay(response, "get-pod"));
    const { client } = served;
    for (let i = 0; i < 40; i++) {
      await client.request({ method: "GET", path: objectPath("pods", "a", "b") }, never);
    }
    expect(served.connections()).toBeLessThanOrEqual(2);
  });

  test("tell what the server's clock shows, which may be hours away from ours", async () => {
    const dateMs = Date.parse("2026-03-06T09:15:00Z");
    await using served = await serve((_request, response) => {
      response.setHeader("date", new Date(dateMs).toUTCString());
      replay(response, "get-pod");
    });
    const heard: number[] = [];
    await using client = connect({
      kubeconfig: kubeconfigFile(folder, served.url),
      heard: (serverMs) => void heard.push(serverMs),
    });
    await client.request({ method: "GET", path: objectPath("pods", "a", "b") }, never);
    expect(heard).toEqual([dateMs + 500]);
  });

  test("are counted by what they ask, not by object", async () => {
    await using served = await serve((_request, response) => replay(response, "get-pod"));
    const { client } = served;
    for (const name of ["one", "two"]) {
      await client.request({ method: "GET", path: objectPath("pods", "a", name) }, never);
    }
    expect(client.calls()).toEqual([
      {
        verb: "get",
        group: "",
        resource: "pods",
        template: "GET /api/v1/namespaces/{namespace}/pods/{name}",
        namespaces: ["a"],
        count: 2,
      },
    ]);
  });

  test("carry the token of the kubeconfig, and an error does not repeat it", async () => {
    const token = "very-secret-token";
    const seen: (string | undefined)[] = [];
    await using served = await serve((request, response) => {
      seen.push(request.headers.authorization);
      replay(response, "list-pods-403");
    });
    await using client = connect({ kubeconfig: kubeconfigFile(folder, served.url, { token }) });
    const error: unknown = await client
      .request({ method: "GET", path: collectionPath("pods", "go-app") }, never)
      .catch((cause: unknown) => cause);
    expect(seen).toEqual([`Bearer ${token}`]);
    expect(inspect(error, { depth: null })).not.toContain(token);
  });
});

describe("long lists", () => {
  const page = (names: string[], next?: string) => ({
    ...recorded("list-pods").response,
    metadata: { resourceVersion: "7", ...(next === undefined ? {} : { continue: next }) },
    items: names.map((name) => ({ metadata: { name } })),
  });
  const names = async (urls: string[], answers: (url: string) => unknown) => {
    await using served = await serve((request, response) => {
      urls.push(request.url ?? "");
      const answer = answers(request.url ?? "");
      if (answer === 410) answerJson(response, 410, { kind: "Status", reason: "Expired", code: 410 });
      else answerJson(response, 200, answer);
    });
    const { client } = served;
    const all = await listAll(client, "pods", "go-app", never);
    return all.items.map((pod) => pod.metadata?.name);
  };

  test("are read page by page", async () => {
    const urls: string[] = [];
    const found = await names(urls, (url) => (url.includes("continue=next") ? page(["c"]) : page(["a", "b"], "next")));
    expect(found).toEqual(["a", "b", "c"]);
    expect(urls).toHaveLength(2);
  });

  test("begin again when the server has forgotten where they were", async () => {
    const urls: string[] = [];
    const found = await names(urls, (url) => {
      if (urls.length === 2) return 410;
      return url.includes("continue=next") ? page(["c"]) : page(["a"], "next");
    });
    expect(found).toEqual(["a", "c"]);
  });

  test("that are something else are refused, not taken for empty", async () => {
    await expect(names([], () => ({ kind: "Status" }))).rejects.toMatchObject({ code: "cluster-unavailable" });
  });
});

describe("credentials", () => {
  test("of a pod go before a home folder that is mounted", async () => {
    writeServiceAccount();
    vi.stubEnv("KUBECONFIG", "");
    vi.stubEnv("HOME", folder);
    vi.stubEnv("KUBERNETES_SERVICE_HOST", "127.0.0.1");
    vi.stubEnv("KUBERNETES_SERVICE_PORT", "6443");
    await using client = connect({ serviceAccountPrefix: folder });
    expect([client.server, client.namespace]).toEqual(["https://127.0.0.1:6443", "chaos"]);
  });

  test("of $KUBECONFIG go before those of a pod", async () => {
    writeServiceAccount();
    vi.stubEnv("KUBECONFIG", kubeconfigFile(folder, "http://127.0.0.1:1234"));
    vi.stubEnv("KUBERNETES_SERVICE_HOST", "127.0.0.1");
    await using client = connect({ serviceAccountPrefix: folder });
    expect(client.server).toBe("http://127.0.0.1:1234");
    expect(client.namespace, "a person's context says nothing of where Aftershock lives").toBeNull();
  });

  test.each([
    { name: "nothing is configured", options: () => ({}), says: "no cluster is configured" },
    {
      name: "the file is missing",
      options: () => ({ kubeconfig: join(folder, "nowhere") }),
      says: "cannot read the kubeconfig",
    },
    {
      name: "the context is unknown",
      options: () => ({ kubeconfig: kubeconfigFile(folder, "http://x"), context: "prod" }),
      says: 'context "prod"',
    },
    { name: "this is no pod", options: () => ({ inCluster: true }), says: "not inside a pod" },
  ])("are asked for when $name", ({ options, says }) => {
    vi.stubEnv("KUBECONFIG", "");
    vi.stubEnv("HOME", folder);
    vi.stubEnv("KUBERNETES_SERVICE_HOST", undefined);
    expect(() => connect(options())).toThrow(says);
  });

  function writeServiceAccount(): void {
    const at = join(folder, "var/run/secrets/kubernetes.io/serviceaccount");
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, "token"), "t");
    writeFileSync(join(at, "namespace"), "chaos");
  }
});
