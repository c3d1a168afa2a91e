import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { manifests, NODE_POOL, workloadsOf } from "../../../bench/lab/apps.ts";
import { openMailbox } from "../../../bench/lab/mailbox.ts";
import { append, type LabRecord, readRecords } from "../../../bench/lab/record.ts";
import { SCENARIOS } from "../../../bench/lab/scenarios.ts";
import { markOf, markOfWhole, summarize } from "../../../bench/lab/summary.ts";
import { configuration, type LabWindows, NODE_WINDOWS, WINDOWS } from "../../../bench/lab/windows.ts";
import { parseConfig } from "../../../src/config/load/load.ts";

const MINUTE_MS = 60_000;
const SETTING = { image: "aftershock:ci", rate: 5, nodes: ["node-a", "node-b"] };
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

describe("whether an experiment was told right as a whole", () => {
  const truth = { "a/single": "end", "a/pair": "end-if-any" } as const;
  const drained = (changes: Partial<LabRecord>) => record({ sham: false, truth, headline: "transient", ...changes });
  const both = [verdict("a/single", "failures", "transient"), verdict("a/pair", "failures", "steady")];
  test.each([
    ["everybody has the right verdict", { verdicts: both }, "right"],
    ["a service that lost requests is not looked at", { verdicts: both.slice(1) }, "unknown"],
    [
      "of one that lost requests nothing is known",
      { verdicts: [verdict("a/single", "failures", "inconclusive")] },
      "unknown",
    ],
    ["the headline hides who was hit as well", { verdicts: both, headline: "steady" }, "wrong"],
    ["one cause makes two experiments", { verdicts: both, experiments: 2 }, "wrong"],
    ["damage stays open", { verdicts: both, open: { closedMs: null } }, "wrong"],
    ["a bystander is called worse", { verdicts: [...both, verdict("a/y", "failures", "transient")] }, "wrong"],
    ["it came to no verdict", { headline: null }, "unknown"],
  ] as const)("%s: %#", (_, changes, mark) => expect(markOfWhole(drained(changes))).toBe(mark));

  test("and how often each scenario was", () => {
    const records = [
      drained({ scenario: "drain", verdicts: both }),
      drained({ scenario: "drain", verdicts: both.slice(1) }),
    ];
    expect(summarize(records).scenarios).toEqual([{ scenario: "drain", n: 2, right: 1, unknown: 1 }]);
  });
});

test("keeps the messages about each experiment", async () => {
  const mailbox = await openMailbox();
  const data = { experiment: "x-1", kind: "degraded", title: "a/b failed", services: [{ service: "a/b", says: "…" }] };
  const sent = await fetch(mailbox.url, { method: "POST", body: JSON.stringify({ specversion: "1.0", data }) });
  expect(sent.status).toBe(204);
  expect(mailbox.about("x-1")).toEqual([{ kind: "degraded", title: "a/b failed", services: ["a/b"] }]);
  expect(mailbox.about("x-2")).toEqual([]);
  mailbox.close();
});

const parsed = (windows: LabWindows, drains: readonly string[] | null) => {
  const messages = { url: "http://127.0.0.1:1", secretFile: "secret" };
  const lane = { name: "x", namespace: "lab", windows, prometheusUrl: "http://127.0.0.1:9090", storage: "data" };
  const context = { file: "aftershock.yaml", env: {}, readFile: async () => "secret" };
  return parseConfig(configuration({ ...lane, drains, messages }), context);
};

test.each([...WINDOWS, NODE_WINDOWS])(
  "the configuration of windows of $stepS s is valid, and sees one namespace",
  async (windows) => {
    const { observation, prometheus } = await parsed(windows, null);
    expect(observation.geometry.stepMs).toBe(windows.stepS * 1_000);
    expect(prometheus.matchers).toEqual({ namespace: "lab" });
  },
);

test("a lane drains nodes only when told to, and then of the workloads named, to the end of the drain", async () => {
  const [without, drains] = await Promise.all([parsed(NODE_WINDOWS, null), parsed(NODE_WINDOWS, ["single", "pair"])]);
  const kindsOf = ({ policies }: typeof drains) => policies[0]?.faults.map(({ fault }) => fault.kind);
  expect(kindsOf(without)).not.toContain("node-drain");
  expect(kindsOf(drains)).toContain("node-drain");
  expect([without, drains].map(({ policies }) => policies[0]?.target.names)).toEqual([[], ["single", "pair"]]);
  expect([without.abort === null, drains.abort === null]).toEqual([false, true]);
});

describe("applications of the campaign", () => {
  test.each(SCENARIOS)("$name: hits a workload of its mesh, and knows what becomes of whom", (scenario) => {
    const known = workloadsOf(scenario.mesh);
    expect(known).toContain(scenario.target);
    expect(known).toEqual(expect.arrayContaining(Object.keys(scenario.failures)));
    expect(known).toEqual(expect.arrayContaining(Object.keys(scenario.otherwise?.failures ?? {})));
    if (scenario.cure !== undefined) expect(known).toContain(scenario.cure);
    expect(Object.values(scenario.failures).includes("stay")).toBe(scenario.cure !== undefined);
  });

  interface Workload {
    kind: string;
    metadata: { name: string };
    spec: { template: { spec: { nodeSelector?: object; tolerations?: object[]; affinity?: object } } };
  }
  const workloads = (objects: object[]) =>
    (objects as Workload[]).filter(({ kind }) => kind === "Deployment" || kind === "StatefulSet");

  test("that are drained live on nodes of their own, their traffic elsewhere, and no other mesh there", () => {
    const placed = (objects: object[]) =>
      workloads(objects).flatMap(({ metadata, spec }) =>
        spec.template.spec.nodeSelector === undefined ? [] : [[metadata.name, spec.template.spec] as const],
      );
    const pooled = placed(manifests("together-on-a-node", "lab", SETTING));
    expect(pooled.map(([name]) => name)).toEqual(workloadsOf("together-on-a-node"));
    for (const [, spec] of pooled) {
      expect(spec.nodeSelector).toEqual({ [NODE_POOL.key]: NODE_POOL.value });
      expect(spec.tolerations).toHaveLength(1);
    }
    for (const mesh of ["stale-and-slow", "stateful-and-retrying"] as const)
      expect(placed(manifests(mesh, "lab", SETTING))).toEqual([]);
  });

  test("have their nodes' pressure scraped, outside the mesh", () => {
    const objects = workloads(manifests("stale-and-slow", "lab", SETTING));
    const deployment = objects.find(({ metadata }) => metadata.name === "node-pressure");
    expect(JSON.stringify(deployment)).toContain("node-a,node-b");
    expect(deployment?.spec.template).toMatchObject({
      metadata: { labels: { app: "node-pressure", "sidecar.istio.io/inject": "false" } },
    });
  });

  test("get traffic in each mesh, and a StatefulSet its Service without an address", () => {
    const objects = manifests("stateful-and-retrying", "lab", SETTING) as {
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
