import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { PrometheusOptions } from "../../../src/adapters/prometheus/client/options.ts";
import { prometheusAlerts } from "../../../src/adapters/prometheus/read/alerts.ts";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { type Loopback, onLoopback } from "../../support/servers/loopback.ts";
import { freePort } from "../../support/servers/process.ts";
import { sourceOptions } from "./mesh.ts";

const never = new AbortController().signal;
const NOW_MS = Date.parse("2026-03-06T10:00:00Z");
const GRID = { startMs: NOW_MS - 600_000, stepMs: 60_000, steps: 10 };
const TOKEN = "token-that-nobody-may-read";
const HEADER = "cookie-that-nobody-may-read";

interface Bad extends Loopback {
  readonly heard: IncomingMessage[];
}

async function serverThat(answer: (outgoing: ServerResponse, incoming: IncomingMessage) => void): Promise<Bad> {
  const heard: IncomingMessage[] = [];
  const server = createServer((incoming, outgoing) => {
    heard.push(incoming);
    incoming.resume();
    incoming.on("end", () => answer(outgoing, incoming));
  });
  return Object.assign(await onLoopback(server), { heard });
}

const reply =
  (status: number, body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
  (outgoing: ServerResponse): void => {
    outgoing.writeHead(status, headers).end(body);
  };
const failure = (errorType: string, error: string): string => JSON.stringify({ status: "error", errorType, error });
const page = "<html><title>Log in</title></html>";
const html = { "content-type": "text/html; charset=utf-8" };

const secrets: Partial<PrometheusOptions> = { bearerToken: TOKEN, headers: { cookie: HEADER }, tenant: "team-a" };

/** All that the adapter asks for. */
const WAYS = [
  {
    way: "large answers",
    ask: (options: PrometheusOptions, signal: AbortSignal) => prometheusSource(options).recent(NOW_MS, 60_000, signal),
  },
  {
    way: "counts",
    ask: (options: PrometheusOptions, signal: AbortSignal) => prometheusSource(options).counts(GRID, signal),
  },
  {
    way: "small answers",
    ask: (options: PrometheusOptions, signal: AbortSignal) => prometheusSource(options).history(GRID, signal),
  },
  {
    way: "alerts",
    ask: (options: PrometheusOptions, signal: AbortSignal) => prometheusAlerts(options).firing("", signal),
  },
];

/** As many rows as somebody takes; answers how many bytes were taken. */
function endless(row: string, head: string) {
  let sent = 0;
  const answer = (outgoing: ServerResponse): void => {
    outgoing.writeHead(200, { "content-type": "application/json" });
    outgoing.write(head);
    const more = `${row},`.repeat(2_000);
    const push = (): void => {
      while (!outgoing.destroyed) {
        sent += more.length;
        if (!outgoing.write(more)) break;
      }
    };
    outgoing.on("drain", push);
    push();
  };
  return { answer, sent: () => sent };
}

test("a million alerts are not read into memory: the gate cannot tell", async () => {
  const row = '{"metric":{"__name__":"ALERTS","alertname":"A","alertstate":"firing","pod":"x-123456"},"value":[1,"1"]}';
  const { answer, sent } = endless(row, '{"status":"success","data":{"resultType":"vector","result":[');
  await using server = await serverThat(answer);
  const source = prometheusAlerts(sourceOptions(server.url, NOW_MS));
  await expect(source.firing("", never)).rejects.toMatchObject({
    code: "source-refused",
    message: expect.stringContaining("far more rows than are read"),
    hint: expect.stringContaining("alerts.selector"),
  });
  expect(sent()).toBeLessThan(64 * 1024 * 1024);
});

test("more rows than are read are refused, however short", async () => {
  const rows = Array.from({ length: 60_000 }, () => '{"metric":{},"value":[1,"1"]}').join(",");
  await using server = await serverThat(
    reply(200, `{"status":"success","data":{"resultType":"vector","result":[${rows}]}}`),
  );
  await expect(prometheusAlerts(sourceOptions(server.url, NOW_MS)).firing("", never)).rejects.toMatchObject({
    code: "source-refused",
  });
});

test("few rows of more bytes than are read are refused", async () => {
  const rows = Array.from({ length: 45_000 }, () => `{"metric":{"a":"${"x".repeat(400)}"},"value":[1,"1"]}`).join(",");
  await using server = await serverThat(
    reply(200, `{"status":"success","data":{"resultType":"vector","result":[${rows}]}}`),
  );
  await expect(prometheusAlerts(sourceOptions(server.url, NOW_MS)).firing("", never)).rejects.toMatchObject({
    code: "source-refused",
  });
});

test("one series without an end is not read into memory", async () => {
  const { answer, sent } = endless(
    '[1,"1"]',
    '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[',
  );
  await using server = await serverThat(answer);
  const source = prometheusSource(sourceOptions(server.url, NOW_MS));
  await expect(source.recent(NOW_MS, 60_000, never)).rejects.toMatchObject({ code: "source-unavailable" });
  expect(sent()).toBeLessThan(128 * 1024 * 1024);
});

describe.each(WAYS)("a source that misbehaves, asked for $way", ({ ask }) => {
  test.each([
    { name: "401", answer: reply(401, "no"), code: "source-refused", hint: /bearerToken/ },
    { name: "403 with a page", answer: reply(403, page, html), code: "source-refused", hint: /bearerToken/ },
    { name: "a login page with 200", answer: reply(200, page, html), code: "source-refused", hint: /login page/ },
    {
      name: "a redirect to a login",
      answer: reply(302, "", { location: "/login" }),
      code: "source-refused",
      hint: /prometheus.url/,
    },
    {
      name: "404",
      answer: reply(404, "404 page not found", { "content-type": "text/plain" }),
      code: "source-refused",
      hint: /prefix/,
    },
    {
      name: "400",
      answer: reply(400, failure("bad_data", "parse error")),
      code: "source-refused",
      hint: /signals file/,
    },
    {
      name: "422, too many samples",
      answer: reply(
        422,
        failure("execution", "query processing would load too many samples into memory in query execution"),
      ),
      code: "source-refused",
      hint: /max-samples/,
    },
    {
      name: "503 of Prometheus",
      answer: reply(503, failure("unavailable", "starting")),
      code: "source-unavailable",
      hint: /is up/,
    },
    { name: "503 of a proxy", answer: reply(503, page, html), code: "source-unavailable", hint: /is up/ },
    {
      name: "a query that timed out",
      answer: reply(503, failure("timeout", "query timed out in expression evaluation")),
      code: "source-unavailable",
      hint: /raise prometheus.timeout/,
    },
    {
      name: "an error with 200",
      answer: reply(200, failure("execution", "something")),
      code: "source-refused",
      hint: /signals file/,
    },
    { name: "nothing", answer: reply(200, ""), code: "source-unavailable", hint: /is a Prometheus/ },
    {
      name: "half an answer",
      answer: reply(200, '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"a":"b'),
      code: "source-unavailable",
      hint: /cuts long answers/,
    },
    {
      name: "JSON of something else",
      answer: reply(200, '{"ok":true}'),
      code: "source-unavailable",
      hint: /is a Prometheus/,
    },
    {
      name: "a connection that breaks",
      answer: (outgoing: ServerResponse) => {
        outgoing.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        outgoing.write('{"status":"success",');
        setImmediate(() => outgoing.destroy());
      },
      code: "source-unavailable",
      hint: /prometheus.url/,
    },
  ])("$name is told with what to do next, and without a secret", async ({ answer, code, hint }) => {
    await using server = await serverThat(answer);
    const error: unknown = await ask(sourceOptions(server.url, NOW_MS, secrets), never).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ name: "AftershockError", code });
    expect((error as { hint: string }).hint).toMatch(hint);
    expect(inspect(error, { depth: null, showHidden: true })).not.toMatch(new RegExp(`${TOKEN}|${HEADER}`));
    expect((error as Error).message).toContain(server.url.replace("http://", ""));
  });

  test("429 says how long to wait", async () => {
    await using server = await serverThat(reply(429, "", { "retry-after": "7" }));
    const error: unknown = await ask(sourceOptions(server.url, NOW_MS), never).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "source-unavailable", retryable: true, retryAfterMs: 7_000 });
  });

  test("a server that echoes the token does not get it printed", async () => {
    await using server = await serverThat(reply(400, failure("bad_data", `bad header: Bearer ${TOKEN} ${HEADER}`)));
    const error: unknown = await ask(sourceOptions(server.url, NOW_MS, secrets), never).catch(
      (cause: unknown) => cause,
    );
    expect(inspect(error, { depth: null })).not.toMatch(new RegExp(`${TOKEN}|${HEADER}`));
    expect((error as Error).message).toContain("bad header: Bearer *** ***");
  });

  test("nobody there", async () => {
    const port = await freePort();
    const error: unknown = await ask(sourceOptions(`http://user:${TOKEN}@127.0.0.1:${port}`, NOW_MS), never).catch(
      (cause: unknown) => cause,
    );
    expect(error).toMatchObject({ code: "source-unavailable", retryable: true });
    expect((error as Error).message).toBe(`Prometheus at http://127.0.0.1:${port} cannot be reached (ECONNREFUSED)`);
    expect(inspect(error, { depth: null })).not.toContain(TOKEN);
  });

  test("a server that never answers is given up after the time-out", async () => {
    await using server = await serverThat(() => {});
    const options = sourceOptions(server.url, NOW_MS, { timeoutMs: 50 });
    const error: unknown = await ask(options, never).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "source-unavailable", retryable: true });
    expect((error as Error).message).toMatch(/did not answer within 50 ms/);
  });

  test.each([
    { name: "that dawdles", end: () => {}, said: /began to answer, and was not done within 1000 ms$/ },
    {
      name: "whose connection breaks",
      end: (response: ServerResponse) => response.destroy(),
      said: /cannot be read: it breaks off$/,
    },
  ])("of a server $name over its answer nobody says that it is not there", async ({ end, said }) => {
    await using server = await serverThat((response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
      response.write('{"status":"success",');
      setTimeout(() => end(response), 20);
    });
    const options = sourceOptions(server.url, NOW_MS, { timeoutMs: 1_000 });
    const error: unknown = await ask(options, never).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "source-unavailable", retryable: true });
    expect((error as Error).message).toMatch(said);
  });

  test("an abort ends the request with its own reason", async () => {
    const controller = new AbortController();
    const reason = new Error("the experiment was cancelled");
    await using server = await serverThat(() => controller.abort(reason));
    await expect(ask(sourceOptions(server.url, NOW_MS), controller.signal)).rejects.toBe(reason);
  });

  test("token, tenant and headers are sent, by POST, with the server's own time limit", async () => {
    await using server = await serverThat(reply(401, ""));
    await ask(sourceOptions(server.url, NOW_MS, secrets), never).catch(() => {});
    expect(server.heard[0]).toMatchObject({ method: "POST" });
    expect(server.heard[0]?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      cookie: HEADER,
      "x-scope-orgid": "team-a",
    });
  });
});

// A server closes a connection that rested, while the next request is on its way: nobody's fault.
test.each([
  { name: "once is asked once more", times: 1, said: /no data here/ },
  { name: "each time is given up", times: 9, said: /cannot be reached \([A-Z_]+\)$/ },
])("a server that drops the connection before it answers $name", async ({ times, said }) => {
  let left = times;
  await using server = await serverThat((outgoing) => {
    if (left-- > 0) outgoing.destroy();
    else reply(400, failure("bad_data", "no data here"))(outgoing);
  });
  const source = prometheusSource(sourceOptions(server.url, NOW_MS));
  const error: unknown = await source.recent(NOW_MS, 60_000, never).catch((cause: unknown) => cause);
  expect((error as Error).message).toMatch(said);
  expect(server.heard).toHaveLength(2);
});

const beside = (more: object): string =>
  JSON.stringify({ status: "success", ...more, data: { resultType: "matrix", result: [] } });

describe.each(WAYS)("an answer from which data was lost, asked for $way", ({ ask }) => {
  test.each([
    { name: "Thanos without a store", more: { warnings: ["No StoreAPIs matched for this query"] }, said: /StoreAPIs/ },
    {
      name: "Mimir without an ingester",
      more: { warnings: ["rpc error: code = Unavailable desc = 10.0.0.7"] },
      said: /10\.0\.0\.7/,
    },
    { name: "rows cut off at a limit", more: { warnings: ["results truncated due to limit"] }, said: /truncated/ },
    { name: "VictoriaMetrics without a storage node", more: { isPartial: true }, said: /isPartial/ },
    {
      name: "rows left out, among infos",
      more: {
        warnings: [
          "PromQL info: ignored histogram in max aggregation (1:1)",
          "PromQL warning: encountered a mix of histograms and floats for aggregation (1:1)",
        ],
      },
      said: /mix of histograms and floats/,
    },
  ])("$name is no answer, and the server's words are told", async ({ more, said }) => {
    await using server = await serverThat(reply(200, beside(more)));
    const error: unknown = await ask(sourceOptions(server.url, NOW_MS), never).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "source-unavailable", retryable: true });
    expect((error as Error).message).toMatch(/is incomplete: /);
    expect((error as Error).message).toMatch(said);
  });

  test.each([
    { infos: ["PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket"] },
    { warnings: ["PromQL info: input to histogram_quantile needed to be fixed for monotonicity"] },
    { warnings: ["PromQL warning: quantile value should be between 0 and 1, got 2 (1:1)"] },
    { warnings: [], isPartial: false },
  ])("what the query language remarks is no loss: %j", async (more) => {
    await using server = await serverThat(reply(200, beside(more)));
    await expect(ask(sourceOptions(server.url, NOW_MS), never)).resolves.toBeDefined();
  });
});

test("a source that answers in part is blind", async () => {
  const warnings = ["store 10.0.0.7 did not answer"];
  await using server = await serverThat(reply(200, beside({ warnings })));
  const { blind } = await prometheusSource(sourceOptions(server.url, NOW_MS)).health(never);
  expect(blind).toMatch(/is incomplete: store 10\.0\.0\.7 did not answer/);
});

test("a source that cannot be reached is blind, and says why", async () => {
  const port = await freePort();
  const health = await prometheusSource(sourceOptions(`http://127.0.0.1:${port}`, NOW_MS)).health(never);
  expect(health).toMatchObject({ scrapeIntervalMs: null, services: 0 });
  expect(health.blind).toMatch(/cannot be reached \(ECONNREFUSED\) \(check prometheus.url/);
});
