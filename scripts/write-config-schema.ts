import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { noticeJsonSchema } from "../src/adapters/push/cloud-event.ts";
import { configJsonSchema } from "../src/config/schema/json-schema.ts";
import { CHART_FILES, chartValuesSchema } from "./lib/chart.ts";
import { dashboard } from "./lib/dashboard.ts";

// Run after every change of src/config/schema, of rules/prometheus and of scripts/lib/dashboard.ts:
// node scripts/node.mjs scripts/write-config-schema.ts
const at = (path: string): URL => new URL(`../${path}`, import.meta.url);
const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

writeFileSync(at("rules/config.schema.json"), json(configJsonSchema()));
writeFileSync(at("rules/notice.schema.json"), json(noticeJsonSchema()));
writeFileSync(at("deploy/helm/aftershock/values.schema.json"), json(chartValuesSchema()));
mkdirSync(at("deploy/grafana/"), { recursive: true });
writeFileSync(at("deploy/grafana/aftershock.json"), json(dashboard()));
for (const { from, to } of CHART_FILES) writeFileSync(at(to), readFileSync(at(from)));
