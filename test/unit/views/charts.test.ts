import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import { weeklyReport } from "../../../src/core/report/weekly.ts";
import { tidySvg } from "../../../src/views/charts/draw.ts";
import { experimentCharts } from "../../../src/views/charts/experiment.ts";
import { weekChart } from "../../../src/views/charts/week.ts";
import { chartMinutes, windowsOf } from "../../../src/views/charts/windows.ts";
import { renderReportPage } from "../../../src/views/report-page.tsx";
import { ValueTable } from "../../../src/views/value-table.tsx";
import { EXPERIMENTS, OBSERVATION } from "../../support/web.ts";
import { WEEK_INPUT } from "../../support/week.ts";

const open = EXPERIMENTS[1]!;
const size = { width: 10, height: 10 };

describe("a chart", () => {
  test("has ids of its own, no style, and words for those who do not see it", () => {
    const raw = `<svg width="10" height="10" xmlns="http://www.w3.org/2000/svg"><g clip-path="url(#zr7-c0)"><path class="zr7-cls-1" pointer-events="visible" d="M0 0"></path></g>\n<text style="font: normal bold 12px sans-serif">a</text><style ><![CDATA[ .x{} ]]></style></svg>`;
    expect(tidySvg(raw, { id: "one", description: 'a "chart"', ...size })).toBe(
      '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" role="img" aria-label="a &quot;chart&quot;"><g clip-path="url(#one-c0)"><path d="M0 0"></path></g><text font-size="12" font-weight="bold" font-family="inherit">a</text></svg>',
    );
  });

  test("is drawn for each service that was asked for and observed", async () => {
    const drawn = await experimentCharts(open, OBSERVATION, {
      services: ["go-app/go-app", "go-app/unknown", "go-app/go-app-db"],
      bands: [],
    });
    expect(drawn.map(({ service, charts }) => [service, charts.map(({ title }) => title)])).toEqual([
      ["go-app/go-app", ["Failed requests", "Slower than 100 ms", "Requests per second"]],
      ["go-app/go-app-db", ["Connections opened a step"]],
    ]);
  });

  test("is the same every time, and shares no id with another", async () => {
    const draw = async () =>
      (
        await experimentCharts(open, OBSERVATION, { services: ["go-app/go-app", "go-app/repeater"], bands: [] })
      ).flatMap(({ charts }) => charts.map(({ svg }) => svg));
    const [first, second] = [await draw(), await draw()];
    expect(first).toEqual(second);
    const ids = first.flatMap((svg) => [...svg.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("leaves a gap where nothing was scraped", async () => {
    const whole = {
      ...OBSERVATION,
      services: OBSERVATION.services.map((s) => ({ ...s, valid: new Uint8Array(OBSERVATION.grid.steps).fill(1) })),
    };
    const pathsOf = async (observation: typeof OBSERVATION): Promise<number> => {
      const [drawn] = await experimentCharts(open, observation, { services: ["go-app/go-app"], bands: [] });
      return (drawn?.charts[2]?.svg.match(/M[\d.-]+ [\d.-]+[CL]/g) ?? []).length;
    };
    expect(await pathsOf(OBSERVATION)).toBeGreaterThan(await pathsOf(whole));
  });

  test("nothing rises before the fault: the step in which it lies begins with it", async () => {
    const t0Ms = open.t0Ms! + 7_000;
    const [drawn] = await experimentCharts({ ...open, t0Ms }, OBSERVATION, { services: ["go-app/go-app"], bands: [] });
    const steps = drawn?.series[0]?.steps ?? [];
    expect(steps.filter(({ to }) => to <= 0).every(({ value }) => value === 0)).toBe(true);
    expect(steps.find(({ from }) => from === 0)?.value).toBeGreaterThan(0.4);
    for (const [i, step] of steps.entries()) if (i > 0) expect(step.from).toBe(steps[i - 1]?.to);
  });

  test("has what is normal at this hour behind the curve, as far as the axis goes, and in its table", async () => {
    const piece = { fromMs: OBSERVATION.grid.startMs - HOUR_MS, pieceMs: 5 * MINUTE_MS };
    const flat = (low: number, high: number) => ({ ...piece, low: Array(60).fill(low), high: Array(60).fill(high) });
    const bands = [{ service: "go-app/go-app", days: 7, failures: flat(0, 0.004), rate: flat(15, 30), latency: [] }];
    const [plain] = await experimentCharts(open, OBSERVATION, { services: ["go-app/go-app"], bands: [] });
    const [drawn] = await experimentCharts(open, OBSERVATION, { services: ["go-app/go-app"], bands });
    const [failures, latency, rate] = drawn?.series ?? [];
    expect(drawn?.days).toBe(7);
    expect(plain?.days).toBeNull();
    expect(failures?.band[0]?.from).toBe(failures?.steps[0]?.from);
    expect(failures?.band.at(-1)?.to).toBe(failures?.steps.at(-1)?.to);
    expect([failures?.band[0]?.high, latency?.band, rate?.band[0]?.low]).toEqual([0.004, [], 15]);
    const filled = (svg = "") => svg.split('fill-opacity="0.28"').length - 1;
    expect(drawn?.charts.map(({ svg }) => filled(svg))).toEqual([1, 0, 1]);
    const table = String(ValueTable({ series: drawn?.series ?? [] }));
    expect(table).toContain("0 % – 0.4 %");
    expect(table).toContain("15 – 30");
  });

  test("reaches the recovery where steps were kept for so long, and not otherwise", () => {
    const windows = windowsOf(open)!;
    expect(chartMinutes(windows, windows.to + 5, 60)).toMatchObject({
      axisTo: windows.to + 8,
      recovered: windows.to + 5,
    });
    expect(chartMinutes(windows, 300, 60)).toMatchObject({ axisTo: windows.to, recovered: null });
    expect(chartMinutes(windows, null, 60)).toMatchObject({ axisTo: windows.to, recovered: null });
  });

  test("of a week without judged faults is none", async () =>
    expect(await weekChart(weeklyReport({ ...WEEK_INPUT, experiments: [] }))).toBeNull());
});

describe("the report as a page of its own", () => {
  test("has everything inside and leads nowhere", async () => {
    const html = await renderReportPage(weeklyReport(WEEK_INPUT));
    expect(html).toContain("Of 3 tested workloads: 1 unaffected by every fault");
    expect(html).not.toMatch(/ href="\/|<script| src="/);
    expect(html).toContain(
      'aria-label="Judged faults of each day: 0 unknown, 1 unaffected, 1 recovered, 1 not recovered"',
    );
  });
});

test("echarts is loaded in one file, which is loaded only when a chart is drawn", () => {
  const folder = new URL("../../../src/views/", import.meta.url).pathname;
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /\.tsx?$/.test(name));
  const loading = files.filter((name) =>
    /^import (?!type\b)[^;]*from "echarts/m.test(readFileSync(join(folder, name), "utf8")),
  );
  expect(loading).toEqual(["charts/echarts.ts"]);
  const eager = files.filter((name) => /^import [^;]*echarts\.ts"/m.test(readFileSync(join(folder, name), "utf8")));
  expect(eager).toEqual([]);
});
