import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dashboard } from "../../../scripts/lib/dashboard.ts";
import { evolve, NEW_EXPERIMENT } from "../../../src/core/experiment/life.ts";
import { ownMetrics } from "../../../src/main/own-metrics/own-metrics.ts";
import { describeWith } from "../../support/requires.ts";
import { type PrometheusServer, startPrometheus } from "../../support/servers/prometheus.ts";
import { judgement } from "../../support/story.ts";
import { experimentEvents, idOf } from "../../support/week.ts";

/**
 * Each query of the Grafana dashboard, asked of a real Prometheus that holds what a worker served
 * for ten minutes beside a mesh.
 */
const END_MS = Date.parse("2026-03-06T12:00:00Z");
const SCRAPE_MS = 15_000;
const SCRAPES = 40;

interface Drawn {
  readonly title?: string;
  readonly panels?: readonly Drawn[];
  readonly targets?: readonly { readonly expr: string }[];
}

const drawn = JSON.parse(JSON.stringify(dashboard())) as Drawn & {
  readonly annotations: { readonly list: readonly { readonly name: string; readonly expr: string }[] };
};

const panelsOf = ({ panels = [] }: Drawn): readonly Drawn[] => panels.flatMap((one) => [one, ...panelsOf(one)]);
const queries = [
  ...panelsOf(drawn).flatMap(({ title = "", targets = [] }) => targets.map(({ expr }) => ({ title, expr }))),
  ...drawn.annotations.list.map(({ name, expr }) => ({ title: name, expr })),
];

/** Name and labels of a sample: what stands before its value and its time. */
const seriesOf = (sample: string): string => sample.split(" ").slice(0, -2).join(" ");

/** What a worker served at each scrape; each sample has the time of its scrape, in seconds. */
async function served(): Promise<string> {
  let nowMs = END_MS - SCRAPES * SCRAPE_MS;
  const metrics = ownMetrics("1.2.3", { nowMs: () => nowMs });
  const samples: string[] = [];
  const judged = { ...judgement([]), headline: "persistent" } as const;
  for (let i = 0; i <= SCRAPES; i++, nowMs += SCRAPE_MS) {
    let state = NEW_EXPERIMENT;
    for (const event of experimentEvents({ slotMs: nowMs, sham: i % 4 === 3, ...(i % 2 === 0 ? {} : { judged }) })) {
      state = evolve(state, event);
      metrics.listener(idOf(nowMs), event, state);
    }
    const recovered = { kind: "recovered", recoveredMs: nowMs, afterMs: 90_000, cure: null } as const;
    metrics.listener("e", recovered, state);
    metrics.listener("e", { kind: "refused", gate: "halt", why: "halted" }, state);
    metrics.worked("sweep");
    metrics.apiRequest("list", 20, "ok");
    metrics.sourceRead("counts", 300, "ok");
    metrics.journalAppend(2, "ok");
    metrics.message("sent");
    const calls = [{ verb: "list", group: "", resource: "pods", template: "", namespaces: [], count: i }];
    // under way as long as it has no verdict
    const open = i % 2 === 0 ? [state] : [];
    const text = await metrics.text({ open, calls });
    const mesh = ["200", "503"].map(
      (code) =>
        `istio_requests_total{reporter="source",destination_service_namespace="go-app",destination_service_name="go-app",response_code="${code}",response_flags="-"} ${i * 30}`,
    );
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    samples.push(...[...lines, ...mesh].map((line) => `${line} ${nowMs / 1_000}`));
  }
  // promtool wants the samples of one series together, and in the order of their times
  const bySeries = samples.toSorted((a, b) => (seriesOf(a) < seriesOf(b) ? -1 : Number(seriesOf(a) > seriesOf(b))));
  return `${bySeries.join("\n")}\n# EOF\n`;
}

describeWith("prometheus", "the Grafana dashboard", () => {
  let prometheus: PrometheusServer;
  beforeAll(async () => {
    prometheus = await startPrometheus(await served());
  }, 60_000);
  afterAll(() => prometheus[Symbol.asyncDispose]());

  test.each(queries)("$title has an answer", async ({ expr }) => {
    const query = expr.replaceAll("$__rate_interval", "1m").replaceAll("$namespace", ".+");
    const asked = new URLSearchParams({ query, time: String(END_MS / 1_000) });
    const answer = await fetch(`${prometheus.url}/api/v1/query?${asked}`);
    const { status, error, data } = (await answer.json()) as {
      status: string;
      error?: string;
      data?: { result: readonly { value: readonly [number, string] }[] };
    };
    expect(`${status} ${error ?? ""}`).toBe("success ");
    expect(data?.result.length).toBeGreaterThan(0);
    for (const { value } of data?.result ?? []) expect(Number.isFinite(Number(value[1]))).toBe(true);
  });
});

test("deploy/grafana has the dashboard that the script makes (scripts/write-config-schema.ts)", () => {
  const file = new URL("../../../deploy/grafana/aftershock.json", import.meta.url);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(JSON.parse(JSON.stringify(dashboard())));
  expect(queries.length).toBeGreaterThan(15);
});
