import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ManualClock } from "../../../src/sandbox/clock.ts";
import { createParts, PROMETHEUS_PATH, type SandboxParts } from "../../../src/sandbox/parts.ts";
import { parseQuery } from "../../../src/sandbox/promql/parse.ts";
import { remoteWrite } from "../../support/remote-write.ts";
import { describeWith, findProgram } from "../../support/requires.ts";
import { type PrometheusServer, startPrometheus } from "../../support/servers/prometheus.ts";
import { killPod, restartDeployment } from "../../unit/sandbox/story.ts";

const ORIGIN_MS = Date.parse("2026-03-09T10:00:07.250Z");
const MINUTE_MS = 60_000;
const HISTORY_MS = 20 * MINUTE_MS;
/**
 * The namespaces whose samples are compared: enough to have everything, few enough to load quickly.
 */
const COMPARED = '{namespace=~"go-app|messaging|payments",__name__!~".*_(sum|count)"}';

let sandbox: SandboxParts;
let real: PrometheusServer;
let endMs: number;

/**
 * The database dies, go-app is restarted, a mailer is killed without notice: births, resets,
 * staleness, every response flag.
 */
async function playStory(clock: ManualClock): Promise<void> {
  clock.advance(4 * MINUTE_MS);
  await killPod(sandbox, "go-app", "go-app-db");
  clock.advance(5 * MINUTE_MS);
  await killPod(sandbox, "messaging", "mailer", 0);
  clock.advance(MINUTE_MS);
  await restartDeployment(sandbox, "go-app", "go-app");
  clock.advance(7 * MINUTE_MS + 3_123);
  sandbox.advance();
}

interface Row {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}
interface Answer {
  readonly status: string;
  readonly data: { readonly resultType: string; readonly result: Row[] };
}

const form = (params: Readonly<Record<string, string>>) => ({
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(params).toString(),
});

const ofSandbox = async (path: string, params: Readonly<Record<string, string>>): Promise<Answer> =>
  (await (await sandbox.app.request(`${PROMETHEUS_PATH}${path}`, form(params))).json()) as Answer;
const ofReal = async (path: string, params: Readonly<Record<string, string>>): Promise<Answer> =>
  (await (await fetch(`${real.url}${path}`, form(params))).json()) as Answer;

const keyOf = (row: Row): string => JSON.stringify(Object.entries(row.metric).sort(([a], [b]) => (a < b ? -1 : 1)));
const sorted = (rows: readonly Row[]): Row[] => rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/** Labels and times must be the same, values to 1e-9 of themselves. */
function expectSame(ours: Answer, theirs: Answer): void {
  expect(ours.status).toBe("success");
  expect(theirs.status).toBe("success");
  expect(ours.data.resultType).toBe(theirs.data.resultType);
  if (ours.data.resultType === "scalar") {
    expect(ours.data.result).toEqual(theirs.data.result);
    return;
  }
  const [left, right] = [sorted(ours.data.result), sorted(theirs.data.result)];
  expect(left.map(keyOf)).toEqual(right.map(keyOf));
  left.forEach((row, i) => {
    const points = row.values ?? [row.value!];
    const others = right[i]!.values ?? [right[i]!.value!];
    expect(points.map(([at]) => at)).toEqual(others.map(([at]) => at));
    points.forEach(([, value], j) => {
      expectClose(value, others[j]![1], keyOf(row));
    });
  });
}

function expectClose(value: string, other: string, where: string): void {
  if (value === other) return;
  const [a, b] = [Number(value), Number(other)];
  expect(Math.abs(a - b), `${where}: ${value} and ${other}`).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(b)));
}

/** Queries whose answer does not depend on what was left out of the real Prometheus. */
const SHAPES: readonly { readonly name: string; readonly query: string }[] = [
  {
    name: "a rate by service",
    query:
      'sum by (destination_service_name) (rate(istio_requests_total{reporter="source",namespace=~"go-app|messaging"}[75s])) * 60',
  },
  {
    name: "a rate over a window shorter than two scrapes",
    query: 'rate(istio_requests_total{namespace="go-app"}[20s])',
  },
  {
    name: "an increase over series that are born and die",
    query: 'increase(istio_requests_total{namespace="go-app",response_code=~"5..|0"}[5m])',
  },
  {
    name: "failures over all, with the empty side filled",
    query:
      'sum by (destination_service_name) (rate(istio_requests_total{namespace="go-app",response_code=~"5.."}[2m])) / sum by (destination_service_name) (rate(istio_requests_total{namespace="go-app"}[2m])) or sum by (destination_service_name) (rate(istio_requests_total{namespace="go-app"}[2m])) * 0',
  },
  { name: "an instant vector with its five minutes", query: 'istio_requests_total{namespace="go-app"}' },
  { name: "targets that come and go", query: 'up{namespace=~"go-app|messaging"}' },
  { name: "samples counted", query: 'sum by (pod) (count_over_time(up{namespace="go-app"}[4m]))' },
  {
    name: "the last of a range keeps its name",
    query: 'last_over_time(istio_requests_total{namespace="go-app",response_code="500"}[3m])',
  },
  {
    name: "what is new since two minutes",
    query:
      'istio_requests_total{namespace="go-app"} unless last_over_time(istio_requests_total{namespace="go-app"}[5m] offset 2m)',
  },
  {
    name: "births counted in full",
    query:
      'sum by (response_code) ((istio_requests_total{namespace="go-app"} unless istio_requests_total{namespace="go-app"} offset 1m) or increase(istio_requests_total{namespace="go-app"}[1m]))',
  },
  { name: "a negative offset", query: 'sum(istio_requests_total{namespace="go-app"} offset -2m)' },
  { name: "comparison filters", query: 'rate(istio_requests_total{namespace="go-app"}[1m]) > 5' },
  { name: "comparison as numbers", query: 'sum by (pod) (up{namespace="go-app"}) >= bool 1' },
  {
    name: "a scalar on the left",
    query:
      '1 - (sum by (reporter) (rate(istio_requests_total{namespace="go-app",response_code="500"}[2m])) / sum by (reporter) (rate(istio_requests_total{namespace="go-app"}[2m])))',
  },
  { name: "arithmetic of two scalars and precedence", query: "2 + 3 * 4 ^ 2 ^ 0.5 % 7 - -1" },
  {
    name: "groups and their number",
    query: 'count by (reporter) (group by (reporter, pod) (istio_requests_total{namespace=~"go-app|payments"}))',
  },
  { name: "the newest sample", query: 'max by (pod) (timestamp(istio_requests_total{namespace="go-app"}))' },
  { name: "the time of a result", query: 'timestamp(sum(up{namespace="go-app"}))' },
  {
    name: "labels made from others",
    query: 'label_replace(sum by (pod) (up{namespace="go-app"}), "workload", "$1", "pod", "(.+)-[^-]+-[^-]+")',
  },
  {
    name: "a label that does not match stays away",
    query: 'label_replace(up{namespace="go-app"}, "workload", "x", "pod", "nothing")',
  },
  {
    name: "matching on a label, many to one",
    query: 'rate(istio_requests_total{namespace="go-app"}[1m]) / on (pod) group_left (job) up{namespace="go-app"}',
  },
  {
    name: "matching by ignoring labels",
    query:
      'sum by (pod, reporter) (istio_requests_total{namespace="go-app"}) / ignoring (reporter) group_left sum by (pod) (istio_requests_total{namespace="go-app"})',
  },
  { name: "and", query: 'istio_requests_total{namespace="go-app"} and on (pod) (up{namespace="go-app"} == 1)' },
  {
    name: "extremes over time by bucket",
    query:
      'sum by (le) (max_over_time(istio_request_duration_milliseconds_bucket{namespace="go-app",le=~"10|25|\\\\+Inf"}[75s])) - sum by (le) (min_over_time(istio_request_duration_milliseconds_bucket{namespace="go-app",le=~"10|25|\\\\+Inf"}[75s]))',
  },
  {
    name: "without",
    query: 'sum without (pod, instance, response_flags) (istio_tcp_sent_bytes_total{namespace="go-app"})',
  },
  {
    name: "averages and extremes of series",
    query:
      'avg by (namespace) (up{namespace=~"go-app|payments"}) + min by (namespace) (up{namespace=~"go-app|payments"}) + max by (namespace) (up{namespace=~"go-app|payments"})',
  },
  {
    name: "a quantile",
    query: 'quantile by (namespace) (0.9, count_over_time(istio_requests_total{namespace=~"go-app|messaging"}[5m]))',
  },
  {
    name: "irate, delta, resets and changes",
    query:
      'sum(irate(istio_requests_total{namespace="go-app"}[2m])) + sum(delta(istio_requests_total{namespace="go-app"}[2m])) + sum(resets(istio_requests_total{namespace="go-app"}[9m])) + sum(changes(istio_requests_total{namespace="go-app"}[2m]))',
  },
  {
    name: "averages and sums over time",
    query: 'avg_over_time(up{namespace="messaging"}[3m]) + sum_over_time(up{namespace="messaging"}[3m])',
  },
  {
    name: "a name by regular expression",
    query: '{__name__=~"istio_tcp_connections_(opened|closed)_total",namespace="go-app"}',
  },
  { name: "vector, scalar and time", query: 'vector(time()) - scalar(sum(up{namespace="go-app"}))' },
  { name: "an absent metric", query: "sum(rate(nothing_total[5m])) or vector(0)" },
  { name: "negation", query: '-sum by (pod) (up{namespace="go-app"})' },
];

interface RecordedParams extends Readonly<Record<string, string>> {
  readonly query: string;
}

/** The requests that the Prometheus adapter is recorded to send. */
function recordedRequests(): { readonly path: string; readonly params: RecordedParams }[] {
  const text = readFileSync(new URL("../../../fixtures/prometheus/queries.txt", import.meta.url), "utf8");
  return text
    .split(/\n(?=POST )/)
    .slice(1)
    .map((block) => {
      const path = /^POST (\S+)/.exec(block)![1]!;
      const lines = [...block.matchAll(/^ {2}(\w+): (.*)$/gm)].map(([, name, value]) => [name!, resolveTime(value!)]);
      return { path, params: Object.fromEntries(lines) as unknown as RecordedParams };
    });
}

function resolveTime(value: string): string {
  const match = /^END(?: - (\d+))?$/.exec(value);
  return match === null ? value : String(Math.floor(endMs / MINUTE_MS) * 60 - Number(match[1] ?? 0));
}

/** Restricts every selector of a query to what was loaded. */
const onlyCompared = (query: string): string =>
  query
    .replace(/\b(istio_\w+|up|ALERTS)\{/g, '$1{namespace=~"go-app|messaging|payments",')
    .replace(/\b(istio_\w+_total)(?=[[)])/g, '$1{namespace=~"go-app|messaging|payments"}')
    .replace(/(?<![\w_])\{__name__/g, '{namespace=~"go-app|messaging|payments",__name__');

describeWith("prometheus", "the sandbox and a real Prometheus with the same samples", () => {
  beforeAll(async () => {
    const clock = new ManualClock(ORIGIN_MS);
    sandbox = createParts({ clock, seed: 7, story: "stale", historyMs: HISTORY_MS });
    await playStory(clock);
    endMs = clock.nowMs();
    const seed = `# TYPE nothing gauge\nnothing 1 ${(ORIGIN_MS - 3_600_000) / 1_000}\n# EOF\n`;
    // The sandbox answers as Prometheus 2 does, also when everything else is tested against 3.
    const [args, program] = [["--web.enable-remote-write-receiver"], findProgram("prometheus")];
    real = await startPrometheus(seed, { args, program });
    const selector = parseQuery(COMPARED);
    if (selector.kind !== "vector") throw new TypeError("not a selector");
    await remoteWrite(real.url, [...sandbox.telemetry.select(selector.matchers, ORIGIN_MS - HISTORY_MS, endMs)]);
  });
  afterAll(async () => real?.[Symbol.asyncDispose]());

  test.each(SHAPES)("agree on $name, now and in steps", async ({ query }) => {
    for (const agoMs of [0, 3_700, 5 * MINUTE_MS, 8 * MINUTE_MS, 12 * MINUTE_MS + 500]) {
      const params = { query, time: String((endMs - agoMs) / 1_000) };
      expectSame(await ofSandbox("/api/v1/query", params), await ofReal("/api/v1/query", params));
    }
    const [start, end] = [(endMs - 14 * MINUTE_MS) / 1_000, endMs / 1_000].map(String);
    for (const step of ["60", "13.5", "301"]) {
      const params = { query, start: start!, end: end!, step };
      expectSame(await ofSandbox("/api/v1/query_range", params), await ofReal("/api/v1/query_range", params));
    }
  });

  test("agree on raw samples", async () => {
    const query = 'istio_requests_total{namespace="go-app"}[12m]';
    const params = { query, time: String(endMs / 1_000) };
    const ours = await ofSandbox("/api/v1/query", params);
    expectSame(ours, await ofReal("/api/v1/query", params));
    expect(ours.data.result.length).toBeGreaterThan(10);
  });

  test("agree on every request that the adapter is recorded to send", async () => {
    const requests = recordedRequests();
    expect(requests.length).toBeGreaterThan(10);
    for (const { path, params } of requests) {
      if (params.query === "time()") continue;
      const compared = { ...params, query: onlyCompared(params.query!) };
      expectSame(await ofSandbox(path, compared), await ofReal(path, compared));
    }
  });

  test.each([
    { name: "not PromQL", query: "sum(" },
    { name: "a range where a vector is needed", query: "sum(up[5m])" },
    { name: "a function that nobody knows", query: "nope(up)" },
    {
      name: "too many series on one side",
      query: 'up{namespace="go-app"} / on (namespace) istio_build{namespace="go-app"}',
    },
    { name: "a regular expression that is none", query: 'up{pod=~"("}' },
    { name: "comparing scalars without bool", query: "1 > 2" },
    { name: "a selector that matches everything", query: '{pod=~".*"}' },
  ])("refuse $name in the same class", async ({ query }) => {
    const params = { query, time: String(endMs / 1_000) };
    const ours = await sandbox.app.request(`${PROMETHEUS_PATH}/api/v1/query`, form(params));
    const theirs = await fetch(`${real.url}/api/v1/query`, form(params));
    const refusal = async (response: Response) => {
      const { status, errorType } = (await response.json()) as { status: string; errorType: string };
      return { http: response.status, status, errorType };
    };
    expect(await refusal(ours)).toEqual(await refusal(theirs));
  });
});
