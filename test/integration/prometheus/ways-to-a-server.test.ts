import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { proxyFromEnvironment } from "../../../src/adapters/kubernetes/client/env-proxy.ts";
import type { PrometheusOptions } from "../../../src/adapters/prometheus/client/options.ts";
import { prometheusAlerts } from "../../../src/adapters/prometheus/read/alerts.ts";
import { type Loopback, onLoopback } from "../../support/servers/loopback.ts";
import { sourceOptions } from "./mesh.ts";

const never = new AbortController().signal;
const NOW_MS = Date.parse("2026-03-06T10:00:00Z");
const JSON_TYPE = { "content-type": "application/json" };
const ALERTS = JSON.stringify({
  status: "success",
  data: { resultType: "vector", result: [{ metric: { __name__: "ALERTS", alertname: "Down" }, value: [1, "1"] }] },
});

interface Heard extends Loopback {
  readonly heard: { readonly method: string; readonly url: string; readonly headers: IncomingMessage["headers"] }[];
}

async function serverThat(answer: (outgoing: ServerResponse, method: string) => void): Promise<Heard> {
  const heard: Heard["heard"] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    heard.push({ method, url, headers });
    incoming.resume();
    incoming.on("end", () => answer(outgoing, method));
  });
  return Object.assign(await onLoopback(server), { heard });
}

const firing = async (url: string, more: Partial<PrometheusOptions> = {}): Promise<readonly string[]> => {
  const alerts = await prometheusAlerts(sourceOptions(url, NOW_MS, more)).firing("", never);
  return alerts.map(({ name }) => name);
};
const whyNot = (url: string, more: Partial<PrometheusOptions> = {}): Promise<unknown> =>
  firing(url, more).catch((cause: unknown) => cause);

describe("a server that takes only GET", () => {
  test.each([403, 404, 405, 501])(
    "and answers %i to POST is asked by GET, and from then on at once",
    async (status) => {
      await using server = await serverThat((outgoing, method) => {
        outgoing.writeHead(method === "GET" ? 200 : status, JSON_TYPE).end(method === "GET" ? ALERTS : "");
      });
      const source = prometheusAlerts(sourceOptions(`${server.url}/?db=1`, NOW_MS, { bearerToken: "t" }));
      expect(await source.firing("", never)).toHaveLength(1);
      expect(await source.firing("", never)).toHaveLength(1);
      expect(server.heard.map(({ method }) => method)).toEqual(["POST", "GET", "GET"]);
      const { searchParams } = new URL(server.heard[1]!.url, server.url);
      expect(searchParams.get("query")).toBe('ALERTS{alertstate="firing"}');
      expect(searchParams.get("db")).toBe("1");
      expect(server.heard[1]!.headers.authorization).toBe("Bearer t");
    },
  );

  test("is told by its answer to POST when it refuses both", async () => {
    await using server = await serverThat((outgoing) => outgoing.writeHead(403, JSON_TYPE).end('{"error":"not you"}'));
    expect(await whyNot(server.url)).toMatchObject({
      code: "source-refused",
      message: expect.stringContaining("refused us with 403: not you"),
    });
  });
});

test("a redirect to another host is told and not followed: the token stays home", async () => {
  await using other = await serverThat((outgoing) => outgoing.writeHead(200, JSON_TYPE).end(ALERTS));
  await using server = await serverThat((outgoing) => {
    outgoing.writeHead(307, { location: `${other.url}/login?state=secret` }).end();
  });
  const error = await whyNot(server.url, { bearerToken: "t" });
  expect(error).toMatchObject({ code: "source-refused" });
  expect((error as Error).message).toContain(`redirects us to ${other.url}/login (307)`);
  expect((error as Error).message).not.toContain("secret");
  expect(other.heard).toEqual([]);
});

describe("an answer that is none", () => {
  const zipped = gzipSync(ALERTS);
  test.each([
    {
      name: "a web page that calls itself JSON",
      body: Buffer.from("<!doctype html><title>Log in</title>"),
      encoding: "identity",
      said: /web page instead of JSON/,
    },
    {
      name: "gzip that is none",
      body: Buffer.from("not gzip at all"),
      encoding: "gzip",
      said: /its compression is broken/,
    },
    {
      name: "gzip that is damaged",
      body: Buffer.concat([zipped.subarray(0, 30), Buffer.alloc(40, 7)]),
      encoding: "gzip",
      said: /its compression is broken|cannot be read/,
    },
    {
      name: "gzip that is cut off",
      body: zipped.subarray(0, zipped.length - 20),
      encoding: "gzip",
      said: /cannot be read/,
    },
    {
      name: "success without a result",
      body: Buffer.from('{"status":"success"}'),
      encoding: "identity",
      said: /it has no result/,
    },
  ])("is told: $name", async ({ body, encoding, said }) => {
    await using server = await serverThat((outgoing) => {
      outgoing.writeHead(200, { ...JSON_TYPE, "content-encoding": encoding }).end(body);
    });
    expect(await whyNot(server.url)).toMatchObject({ message: expect.stringMatching(said) });
  });

  test("a server that wants a tenant is told as that", async () => {
    await using server = await serverThat((outgoing) =>
      outgoing.writeHead(401, { "content-type": "text/plain" }).end("no org id\n"),
    );
    expect(await whyNot(server.url)).toMatchObject({
      message: expect.stringContaining("wants another tenant (401): no org id"),
      hint: expect.stringContaining("prometheus.tenant"),
    });
  });

  test("what a proxy says in one line is told, without the token", async () => {
    await using server = await serverThat((outgoing) =>
      outgoing.writeHead(401, { "content-type": "text/plain" }).end("token t0p-s3cret expired"),
    );
    const error = (await whyNot(server.url, { bearerToken: "t0p-s3cret" })) as Error;
    expect(error.message).toContain("refused us with 401: token *** expired");
  });
});

test("gzip is read, labels of 10 kB and all", async () => {
  const long = ALERTS.replace("Down", "D".repeat(10_000));
  await using server = await serverThat((outgoing) => {
    outgoing.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" }).end(gzipSync(long));
  });
  expect(await firing(server.url)).toEqual(["D".repeat(10_000)]);
});

test("a token is read again before each request, and the old one is still no word to print", async () => {
  let token = "first-token";
  await using server = await serverThat((outgoing) => {
    outgoing.writeHead(server.heard.length > 2 ? 401 : 200, JSON_TYPE);
    outgoing.end(server.heard.length > 2 ? '{"error":"first-token and second-token are old"}' : ALERTS);
  });
  const source = prometheusAlerts(
    sourceOptions(server.url, NOW_MS, { bearerToken: token, reread: async () => ({ bearerToken: token }) }),
  );
  await source.firing("", never);
  token = "second-token";
  await source.firing("", never);
  expect(server.heard.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer first-token",
    "Bearer second-token",
  ]);
  await expect(source.firing("", never)).rejects.toMatchObject({
    message: expect.stringContaining("*** and *** are old"),
  });
});

describe("the proxy that the environment names", () => {
  const env = (proxy: string) => ({ HTTP_PROXY: proxy, NO_PROXY: "inside.test,.cluster.local" });

  test("gets the request for a server outside, and the answer is read", async () => {
    await using proxy = await serverThat((outgoing) => outgoing.writeHead(200, JSON_TYPE).end(ALERTS));
    const url = "http://prometheus.outside.test:9090";
    expect(await firing(url, { proxy: proxyFromEnvironment(url, env(proxy.url)) })).toEqual(["Down"]);
    expect(proxy.heard.map(({ url: asked }) => asked)).toEqual([`${url}/api/v1/query`]);
  });

  test("is left out for what NO_PROXY names", () => {
    const through = (url: string) => proxyFromEnvironment(url, env("http://proxy.test:3128"));
    expect(through("http://prometheus.inside.test:9090")).toBeNull();
    expect(through("http://prometheus.istio-system.svc.cluster.local:9090")).toBeNull();
    expect(through("http://prometheus.outside.test")).toBe("http://proxy.test:3128");
  });
});
