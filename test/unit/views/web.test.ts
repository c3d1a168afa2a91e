import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { AftershockError } from "../../../src/core/model/error.ts";
import { API_ROUTES } from "../../../src/views/api/openapi.ts";
import { API_SCHEMAS } from "../../../src/views/api/schema.ts";
import { windowsOf } from "../../../src/views/charts/windows.ts";
import { inOneLine } from "../../../src/views/experiment-words.ts";
import { listed } from "../../../src/views/lists/listed.ts";
import { LIVE_SCRIPT } from "../../../src/views/live.ts";
import { STYLE } from "../../../src/views/style.ts";
import { createWeb } from "../../../src/views/web.tsx";
import { EXPERIMENTS, OPEN_ID, STATUS, webData } from "../../support/web.ts";
import { KINDS } from "../../support/web-kinds.ts";

const web = createWeb(webData());
const get = (path: string) => web.request(path);
const textOf = async (path: string): Promise<string> => (await get(path)).text();

const PAGES = [
  "/",
  "/experiments",
  "/services",
  "/risks",
  "/map",
  `/experiments/${OPEN_ID}`,
  "/services/go-app/go-app",
  "/findings",
  "/reports",
  "/reports/2026-W10",
];

describe.each(PAGES)("the page %s", (path) => {
  test("is a whole document that asks for nothing else and runs the one script that is named by its hash", async () => {
    const response = await get(path);
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=UTF-8");
    expect(html).toMatch(/^<!doctype html><html lang="en">/);
    expect(html.split("<script")).toHaveLength(2);
    expect(html).toContain(`<script>${LIVE_SCRIPT}</script>`);
    const allowed = response.headers.get("content-security-policy");
    const hash = createHash("sha256").update(LIVE_SCRIPT).digest("base64");
    expect(allowed).toContain(`; script-src 'sha256-${hash}'; connect-src 'self'; `);
    expect(html).not.toMatch(/<iframe|javascript:| on\w+="|<link rel="stylesheet"/);
    expect(html).not.toMatch(/<form(?![^>]* method="get")/);
    expect(html).not.toMatch(/\b(?:undefined|NaN|\[object )/);
    expect(html).not.toMatch(/ style="/);
  });

  test("says nothing of victims", async () => expect((await textOf(path)).replace(STYLE, "")).not.toMatch(/victim/i));

  test("is the same for the same data", async () => expect(await textOf(path)).toBe(await textOf(path)));
});

describe("headers", () => {
  test.each([...PAGES, "/healthz", "/metrics", "/api/status", "/nothing", "/api/nothing"])(
    "%s forbids strange scripts, frames and guessing of types",
    async (path) => {
      const { headers } = await get(path);
      expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("cache-control")).toBe("private, no-cache");
    },
  );

  test.each(["POST", "PUT", "DELETE", "PATCH"])("%s is refused: there is no control here", async (method) => {
    const response = await web.request("/", { method });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });
});

describe("an experiment that is not the usual one", () => {
  const pageOf = (kind: keyof typeof KINDS): Promise<string> =>
    textOf(`/experiments/${encodeURIComponent(KINDS[kind].state.plan?.id ?? "")}`);

  test("says until when its verdict is provisional", async () => {
    const html = await pageOf("provisional");
    expect(html).toContain("Provisional until about 2026-03-06 13:24: then it is compared");
    expect(html).toContain("provisional</span>");
  });

  test("says until when it is observed when that is longer than planned, and shows the late window there", async () => {
    const html = await pageOf("extended");
    expect(html).toContain(
      "It is observed for longer than planned, until about 2026-03-06 10:33: go-app/go-app is on the way back.",
    );
    expect(html).toContain(
      "not settled at the end: go-app/go-app is on the way back; observed until 2026-03-06 10:33:01",
    );
    expect(windowsOf(KINDS.extended.state)).toMatchObject({ late: 13, to: 18 });
  });

  test("says that it is observed no longer when it was mended from outside", async () => {
    const html = await pageOf("curtailed");
    expect(html).toContain("judged as it was at its planned end: a rollout of Deployment go-app/go-app");
    expect(html).toContain("It is being observed; there is no verdict yet.");
    expect(windowsOf(KINDS.curtailed.state)).toMatchObject({ late: 3, to: 8 });
  });

  test("says what was withdrawn, and not that nobody got worse", async () => {
    const html = await pageOf("withdrawn");
    expect(html).toContain(
      "Withdrawn: failures of go-app/go-app. It got worse, but it looked as bad at 119 of 299 other instants",
    );
    expect(html).not.toContain("No service that has to do with the target got worse");
  });

  test("was lost by itself: neither drawn nor ordered by a policy, and not back in time", async () => {
    const html = await pageOf("nodeLost");
    expect(html).toContain("<dt>node</dt><dd>node-a</dd>");
    expect(html).toContain("lost 10:15:00");
    expect(html).toContain("not back 10:30:00");
    expect(html).not.toMatch(/<dt>(?:eligible|policy|seed|moment|target)<\/dt>/);
  });

  test("confirms an earlier one, and leads to it", async () =>
    expect(await pageOf("confirmation")).toContain(
      'it confirms or clears what <a href="/experiments/go-app-pods-20260305T091500Z">go-app-pods-20260305T091500Z</a> found',
    ));

  test("names the team whose policy it is", async () =>
    expect(await pageOf("team")).toContain("<dt>policy</dt><dd>orders, of the team in shop</dd>"));

  test("is no more told as unnoticed in a list when its verdict was withdrawn", () =>
    expect(inOneLine(KINDS.withdrawn.state)).toBe("go-app/go-app got worse, but not because of it: withdrawn"));
});

describe("what the overview says first", () => {
  test("what is open, and the command that ends it", async () =>
    expect(await textOf("/")).toContain("kubectl rollout restart deployment go-app -n go-app"));

  test("and only what is open is to be ended now: elsewhere the command is for while it fails", async () => {
    expect(await textOf(`/experiments/${OPEN_ID}`)).toContain("<b>Now</b> kubectl rollout restart");
    const findings = await textOf("/findings");
    expect(findings).toContain("<b>While it fails</b> kubectl rollout restart");
    expect(findings).not.toContain("<b>Now</b>");
  });

  test("old damage is found however many experiments came after", async () => {
    const [newest, open] = EXPERIMENTS as [(typeof EXPERIMENTS)[0], (typeof EXPERIMENTS)[0]];
    const many = [...Array.from({ length: 100 }, () => newest), open];
    const data = webData({ lines: async () => many.map(listed), states: async () => [open] });
    const html = await (await createWeb(data).request("/")).text();
    expect(html).toContain("kubectl rollout restart deployment go-app -n go-app");
  });

  test("that it is halted, by whom and why", async () => {
    const halt = { kind: "halted", why: "deploy <freeze>", by: "ada", atMs: STATUS.nowMs } as const;
    const html = await (
      await createWeb(webData({ status: async () => ({ ...STATUS, halt }) })).request("/findings")
    ).text();
    expect(html).toContain("by ada since 2026-03-06 14:47:00: deploy &lt;freeze&gt;");
  });

  test("that a halt switch which cannot be read is a halt", async () => {
    const halt = { kind: "unknown", why: "the API server does not answer" } as const;
    const html = await (await createWeb(webData({ status: async () => ({ ...STATUS, halt }) })).request("/")).text();
    expect(html).toContain("because the halt switch cannot be read: the API server does not answer");
  });
});

describe("names from the cluster", () => {
  const evil = '<img src=x onerror="alert(1)">"&\'';
  test("are text everywhere, and encoded in addresses", async () => {
    const record = (await webData().experiment(OPEN_ID))!;
    const judgement = record.state.judgement!;
    const verdicts = judgement.verdicts.map((v) => ({ ...v, service: `ns/${evil}` }));
    const findings = record.state.findings.map((f) => ({
      ...f,
      title: evil,
      explanation: evil,
      evidence: [evil],
      fingerprint: evil,
    }));
    const observation = {
      ...record.observation!,
      services: record.observation!.services.map((s) => ({ ...s, service: `ns/${evil}` })),
    };
    const judged = { ...judgement, verdicts, origin: evil, notes: [evil], concerned: [`ns/${evil}`] };
    const state = { ...record.state, judgement: judged, findings };
    const calls = [{ caller: `ns/${evil}`, callee: "go-app/go-app-db", protocol: "http" as const, perSecond: 1 }];
    const data = webData({
      experiment: async () => ({ ...record, state, observation, calls }),
      lines: async () => [listed(state)],
      states: async () => [state],
      calls: async () => ({ calls, unread: null }),
    });
    for (const path of ["/", "/experiments", "/services", "/map", `/experiments/${encodeURIComponent(evil)}`]) {
      const html = await (await createWeb(data).request(path)).text();
      expect(html).not.toContain("<img");
      expect(html).toContain("&lt;img src=x");
    }
  });
});

describe("what is not there", () => {
  test.each([
    ["/nothing", 404],
    ["/experiments/none", 404],
    ["/services/no/body", 404],
    ["/reports/2020-W01", 404],
    ["/api/nothing", 404],
    ["/api/experiments/none", 404],
    ["/api/services/no/body", 404],
    ["/api/reports/2020-W01", 404],
    ["/api/experiments?limit=0", 400],
    ["/api/experiments?limit=501", 400],
    ["/api/experiments?limit=-1", 400],
    ["/api/experiments?limit=1e2", 400],
    ["/experiments/%E0%A4%A", 400],
    ["/experiments/..%2f..%2fetc", 404],
    ["/reports/%00", 404],
    ["/services/a/b%2Fc", 404],
  ])("%s answers %d, in the form that was asked for", async (path, status) => {
    const response = await get(path);
    expect(response.status).toBe(status);
    const type = path.startsWith("/api/") ? "application/json" : "text/html; charset=UTF-8";
    expect(response.headers.get("content-type")).toBe(type);
    if (path.startsWith("/api/")) expect(API_SCHEMAS.Error.safeParse(await response.json()).success).toBe(true);
  });

  test.each([
    "/experiments/%E0%A4%A",
    "/experiments/%",
    "/services/go-app/%zz",
    "/reports/%ff",
    "/%c3%28",
    "/?a=%ff",
    "/api/experiments/%E0%A4%A",
    "/api/experiments?limit=%",
  ])("%s is 400: it has an escape that cannot be decoded", async (path) => {
    const response = await get(path);
    expect(response.status).toBe(400);
    if (path.startsWith("/api/")) expect(API_SCHEMAS.Error.safeParse(await response.json()).success).toBe(true);
    else expect(await response.text()).toContain("write a percent sign as %25");
    expect(response.headers.get("content-security-policy")).not.toBeNull();
  });

  test("an escape that can be decoded is read", async () =>
    expect((await get("/experiments/100%25%20%C3%A4")).status).toBe(404));

  test("nothing on a page turns its lines around", async () => {
    const halt = { kind: "halted", why: "in\u202ecident\u0007", by: "a\u2066da", atMs: STATUS.nowMs } as const;
    const html = await (await createWeb(webData({ status: async () => ({ ...STATUS, halt }) })).request("/")).text();
    expect(html).toContain("in\\u202ecident\\u0007");
    expect(html).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
  });

  test.each(["/", "/api/experiments", "/metrics"])("%s says why when the journal cannot be read", async (path) => {
    const cause = new AftershockError("storage-unavailable", "Redis does not answer", { hint: "check storage.url" });
    const broken = createWeb(webData({ lines: () => Promise.reject(cause), metrics: () => Promise.reject(cause) }));
    const response = await broken.request(path);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("Redis does not answer (check storage.url)");
  });
});

describe("the API", () => {
  const sample: Readonly<Record<string, string>> = {
    id: OPEN_ID,
    namespace: "go-app",
    name: "go-app",
    week: "2026-W10",
  };

  test.each(API_ROUTES)("$path answers in the shape that OpenAPI promises", async ({ path, answer }) => {
    const response = await get(path.replaceAll(/\{(\w+)\}/g, (_, name: string) => sample[name] ?? ""));
    expect(response.status).toBe(200);
    const checked = API_SCHEMAS[answer].safeParse(await response.json());
    expect(checked.error?.issues ?? []).toEqual([]);
  });

  test("describes every address of its own, and nothing else", async () => {
    const { paths, openapi } = (await (await get("/api/openapi.json")).json()) as { paths: object; openapi: string };
    expect(openapi).toBe("3.1.0");
    const served = web.routes.filter(
      ({ path, method }) => method === "GET" && path.startsWith("/api/") && !path.endsWith(".json"),
    );
    expect(Object.keys(paths).sort()).toEqual(served.map(({ path }) => path.replaceAll(/:(\w+)/g, "{$1}")).sort());
  });

  test("gives as many experiments as it is asked for", async () =>
    expect(await (await get("/api/experiments?limit=2")).json()).toHaveLength(2));

  test("says null where nothing was scraped, never zero", async () => {
    const body = (await (await get(`/api/experiments/${OPEN_ID}`)).json()) as {
      observation: { services: { requests: (number | null)[] }[] };
    };
    expect(body.observation.services[0]?.requests[35]).toBeNull();
    expect(body.observation.services[0]?.requests[34]).toBeGreaterThan(0);
  });
});

describe("for machines", () => {
  test("alive and ready", async () =>
    expect([await textOf("/healthz"), await textOf("/readyz")]).toEqual(["ok\n", "ok\n"]));

  test("not ready says why", async () => {
    const response = await createWeb(webData({ whyNotReady: async () => "Redis does not answer" })).request("/readyz");
    expect([response.status, await response.text()]).toEqual([503, "not ready: Redis does not answer\n"]);
  });

  test("metrics are Prometheus text", async () => {
    const response = await get("/metrics");
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    expect(await response.text()).toBe("# TYPE aftershock_open_damage gauge\naftershock_open_damage 2\n");
  });
});

test.each(PAGES)("an early alert stands on %s, with a way to stop everything", async (path) => {
  const text = "go-app/go-app fails 50 % of requests (before: 0 %)";
  const status = { ...STATUS, alerts: [{ id: "e-1", text }] };
  const html = await (await createWeb(webData({ status: async () => status })).request(path)).text();
  expect(html).toContain(`<a href="/experiments/e-1">${text}</a>`);
  expect(html).toContain("aftershock halt");
});
