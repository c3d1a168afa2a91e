import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { manifests, SCENARIOS, workloadsOf } from "../../../bench/lab/apps.ts";
import { append, type LabRecord, readRecords } from "../../../bench/lab/record.ts";
import { markOf, summarize } from "../../../bench/lab/summary.ts";
import { configuration, WINDOWS } from "../../../bench/lab/windows.ts";
import { parseConfig } from "../../../src/config/load/load.ts";

const MINUTE_MS = 60_000;
const verdict = (service: string, signal: string, kind: string) => ({
  service,
  signal,
  verdict: kind,
  why: null,
  z: null,
  p: null,
  effect: null,
});
const record = (changes: Partial<LabRecord>): LabRecord => ({
  lane: "lab-1",
  stepS: 10,
  scenario: "sham",
  sham: true,
  startedMs: 0,
  endedMs: MINUTE_MS,
  loaded: 0,
  exitCode: 0,
  outcome: null,
  says: null,
  headline: "steady",
  problem: null,
  verdicts: [],
  findings: [],
  truth: {},
  causeGoneMs: null,
  open: null,
  ...changes,
});

describe("what a verdict on failures is worth", () => {
  test.each([
    ["persistent", "stay", "right"],
    ["unresolved", "stay", "right"],
    ["slow-recovery", "stay", "wrong"],
    ["steady", "stay", "wrong"],
    ["transient", "end", "right"],
    ["steady", "end", "wrong"],
    ["persistent", "end", "wrong"],
    ["steady", "end-if-any", "right"],
    ["transient", "end-if-any", "right"],
    ["unresolved", "end-if-any", "wrong"],
    ["transient", undefined, "wrong"],
    ["steady", undefined, "right"],
    ["inconclusive", "stay", "unknown"],
  ] as const)("%s, where they %s, is %s", (kind, truth, mark) => expect(markOf(kind, truth)).toBe(mark));
});

describe("the sum of a campaign", () => {
  const records = [
    record({ verdicts: [verdict("a/x", "latency", "persistent")], loaded: 0.5 }),
    record({ verdicts: [verdict("a/x", "latency", "steady")] }),
    record({ headline: null, problem: "refused" }),
    record({ headline: "inconclusive" }),
    record({
      sham: false,
      truth: { "a/x": "end" },
      causeGoneMs: MINUTE_MS,
      verdicts: [verdict("a/x", "failures", "transient"), verdict("a/x", "latency", "unresolved")],
      open: { closedMs: 12 * MINUTE_MS },
    }),
    record({
      sham: false,
      truth: { "a/x": "stay" },
      causeGoneMs: MINUTE_MS,
      verdicts: [verdict("a/x", "failures", "steady"), verdict("a/y", "failures", "transient")],
      open: { closedMs: 11 * MINUTE_MS },
    }),
  ];
  test("counts shams and experiments apart, and those without a verdict not at all", () => {
    const sum = summarize(records);
    expect([sum.shams, sum.shamsUnknown, sum.experiments, sum.withoutVerdict]).toEqual([3, 1, 2, 1]);
    expect([sum.falseAlarms.rate, sum.falseAlarms.n, sum.falseAlarmsLoaded.n]).toEqual([1 / 3, 3, 1]);
    expect(sum.failures).toEqual({ right: 1, wrong: 2, unknown: 0 });
    expect(sum.latencyNotRecovered).toMatchObject({ rate: 1, n: 1 });
    expect(sum.stayedOpen).toMatchObject({ rate: 0.2, n: 5 });
  });

  test("goes on from what was kept; a line that a crash cut off is left out", () => {
    const file = join(mkdtempSync(join(tmpdir(), "aftershock-lab-")), "records.jsonl");
    expect(readRecords(file)).toEqual([]);
    for (const one of records.slice(0, 2)) append(file, one);
    writeFileSync(file, '{"lane":"lab-', { flag: "a" });
    expect(readRecords(file)).toEqual(records.slice(0, 2));
  });
});

test.each(WINDOWS)("the configuration of windows of $stepS s is valid, and sees one namespace", async (windows) => {
  const lane = { name: "x", namespace: "lab", windows, prometheusUrl: "http://127.0.0.1:9090", storage: "data" };
  const context = { file: "aftershock.yaml", env: {}, readFile: async () => "" };
  const { observation, prometheus } = await parseConfig(configuration(lane), context);
  expect(observation.geometry.stepMs).toBe(windows.stepS * 1_000);
  expect(prometheus.matchers).toEqual({ namespace: "lab" });
});

describe("applications of the campaign", () => {
  test.each(SCENARIOS)("$name: hits a workload of its mesh, and knows what becomes of whom", (scenario) => {
    const known = workloadsOf(scenario.mesh);
    expect(known).toContain(scenario.target);
    expect(known).toEqual(expect.arrayContaining(Object.keys(scenario.failures)));
    if (scenario.cure !== undefined) expect(known).toContain(scenario.cure);
    expect(Object.values(scenario.failures).includes("stay")).toBe(scenario.cure !== undefined);
  });

  test("get traffic in each mesh, and a StatefulSet its Service without an address", () => {
    const objects = manifests("stateful-and-retrying", "lab", "aftershock:ci", 5) as {
      kind: string;
      metadata: { name: string };
      spec?: { clusterIP?: string };
    }[];
    const named = (kind: string) => objects.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);
    expect(named("StatefulSet")).toEqual(["store"]);
    expect(named("Deployment")).toEqual(expect.arrayContaining(["load-shop", "load-checkout"]));
    expect(objects.find((one) => one.kind === "Service" && one.metadata.name === "store")?.spec?.clusterIP).toBe(
      "None",
    );
  });
});
