import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { CHART_FILES, chartValuesSchema } from "../../../scripts/lib/chart.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const text = (path: string): string => readFileSync(join(ROOT, path), "utf8");

test("the chart's schema and files are those that the sources make (scripts/write-config-schema.ts)", () => {
  expect(JSON.parse(text("deploy/helm/aftershock/values.schema.json"))).toEqual(
    JSON.parse(JSON.stringify(chartValuesSchema())),
  );
  for (const { from, to } of CHART_FILES) expect(text(to)).toBe(text(from));
});

test("the chart has the version of the program", () => {
  const chart = parse(text("deploy/helm/aftershock/Chart.yaml"));
  const { version } = JSON.parse(text("package.json"));
  expect([chart.version, chart.appVersion]).toEqual([version, version]);
});
