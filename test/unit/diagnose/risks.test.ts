import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { MANIFEST_FACTS } from "../../../src/core/diagnose/risks/facts.ts";
import { findRisks, settleRisks, workloadsAtRisk } from "../../../src/core/diagnose/risks/find.ts";
import { loadRiskRules, testRiskRules } from "../../../src/core/diagnose/risks/rule.ts";
import { workloadKey } from "../../../src/core/model/cluster.ts";
import type { RiskTest } from "../../../src/core/model/risk.ts";
import { renderText, weeklyReport } from "../../../src/core/report/weekly.ts";
import { riskLines, risksText } from "../../../src/core/text/risk.ts";
import { storyCluster } from "../../support/cluster.ts";
import { shippedRules, shippedRuleTexts } from "../../support/rules.ts";
import { STORY_EDGES, workload } from "../../support/story.ts";
import { WEEK_INPUT } from "../../support/week.ts";

const texts = shippedRuleTexts("risks");
const { rules, problems } = loadRiskRules(texts);

describe("the shipped rules of risks", () => {
  test("have no problem, and each is named like its file", () => {
    expect(problems).toEqual([]);
    expect(rules.map(({ name }) => `${name}.yaml`).sort()).toEqual(texts.map(({ path }) => path).sort());
  });

  test.each(testRiskRules(rules))("$rule: $case", ({ failure }) => expect(failure).toBeNull());

  test("are confirmed by findings that there are", () => {
    const weaknesses = shippedRules().map(({ name }) => name);
    for (const { confirmedBy } of rules) for (const name of confirmedBy) expect(weaknesses).toContain(name);
  });
});

test("the README names every fact, and none that there is not", () => {
  const readme =
    readFileSync(new URL("../../../rules/risks/README.md", import.meta.url), "utf8").split("## Facts")[1] ?? "";
  const rows = readme.split("\n").filter((line) => line.startsWith("| `"));
  const named = rows.flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map((match) => match[1]));
  expect(named.sort()).toEqual(Object.keys(MANIFEST_FACTS).sort());
});

test("a broken rule is refused with its place", () => {
  const broken = (texts[0]?.text ?? "").replace(/^when: .*$/m, "when: workload.replicaz == 1");
  const { problems: told, rules: none } = loadRiskRules([{ path: "mine.yaml", text: broken }]);
  expect(none).toEqual([]);
  expect(told[0]).toMatchObject({ file: "mine.yaml", path: "when" });
  expect(told[0]?.message).toContain("replicaz");
});

const cluster = storyCluster({
  workloads: [
    workload("go-app-db", 1),
    workload("go-app", 2, {
      probes: [
        {
          container: "app",
          kind: "readiness",
          handler: "exec",
          path: null,
          periodSeconds: 10,
          asks: ["go-app-db.go-app.svc.cluster.local", "elsewhere", "go-app"],
        },
      ],
    }),
    workload("report", 1, {
      kind: "CronJob",
      design: { withoutRequests: ["app"], graceSeconds: 30, preStopSeconds: null },
    }),
  ],
});
const found = findRisks(rules, cluster, STORY_EDGES);
const named = (name: string) => found.filter(({ risk }) => risk === name);

describe("risks of a cluster", () => {
  test("a single replica that somebody calls, and nobody else", () => {
    expect(named("single-replica").map(({ title }) => title)).toEqual([
      "go-app-db runs as one replica, and go-app/go-app calls it",
    ]);
  });

  test("a probe that asks another service by any of its names; hosts that are no service here say nothing", () =>
    expect(named("probe-needs-dependency")).toMatchObject([
      { workload: { name: "go-app" }, testedOn: ["go-app/go-app-db"] },
    ]));

  test("what runs to its end has none", () =>
    expect(found.some(({ workload: { name } }) => name === "report")).toBe(false));
});

describe("what experiments say of a risk", () => {
  const [single] = named("single-replica");
  const [probe] = named("probe-needs-dependency");
  const tested = (changes: Partial<RiskTest>): RiskTest => ({
    id: "e-1",
    atMs: 1,
    workload: "go-app/go-app-db",
    services: ["go-app/go-app-db"],
    fault: "pod-delete",
    outcome: "not recovered",
    ...changes,
  });
  const finding = { weakness: "stays-unready", workload: "Deployment/go-app/go-app", status: "new" } as const;
  const stateOf = (risk: typeof single, tests: RiskTest[], findings: readonly (typeof finding)[] = []) =>
    settleRisks(risk === undefined ? [] : [risk], tests, findings)[0]?.state;

  test.each([
    { name: "nothing was tested", tests: [], state: "untested" },
    { name: "a service got worse", tests: [tested({})], state: "confirmed" },
    { name: "no service was affected", tests: [tested({ outcome: "unaffected" })], state: "refuted" },
    { name: "a sham", tests: [tested({ fault: null })], state: "untested" },
    { name: "a fault that does not test it", tests: [tested({ fault: "http-delay" })], state: "untested" },
    { name: "another workload", tests: [tested({ workload: "go-app/x", services: [] })], state: "untested" },
    { name: "unknown says nothing", tests: [tested({ outcome: "unknown" })], state: "untested" },
    {
      name: "the newest test counts",
      tests: [tested({ atMs: 2, outcome: "unaffected" }), tested({ atMs: 1 })],
      state: "refuted",
    },
  ])("single replica: $name", ({ tests, state }) => expect(stateOf(single, tests)).toBe(state));

  test("a finding confirms it; without one, what got worse may have another cause", () => {
    expect(stateOf(probe, [tested({})])).toBe("unclear");
    expect(stateOf(probe, [tested({})], [finding])).toBe("confirmed");
    expect(stateOf(probe, [tested({})], [{ ...finding, status: "fixed" } as never])).toBe("unclear");
  });

  test("who has a risk that nothing tested is known for the choice of a target", () => {
    const keys = (tests: RiskTest[]) => [...workloadsAtRisk([single!], tests)];
    expect(keys([])).toEqual(["Deployment/go-app/go-app-db"]);
    expect(keys([tested({ outcome: null })])).toEqual([]);
  });

  test("in words", () => {
    const settled = settleRisks([single!, probe!], [tested({})], []);
    expect(risksText(settled)).toBe("1 risk confirmed, 1 unclear");
    expect(risksText([])).toBe("no risk is known");
    const report = weeklyReport({ ...WEEK_INPUT, risks: settled });
    expect(renderText(report)).toContain("From manifests: 1 risk confirmed, 1 unclear");
    expect(renderText(weeklyReport(WEEK_INPUT))).not.toContain("From manifests");
    expect(riskLines(settled[0]!)[0]).toBe(
      "risk, confirmed: go-app-db runs as one replica, and go-app/go-app calls it (Deployment go-app/go-app-db)",
    );
    expect(riskLines(settled[0]!).join("\n")).toContain("An experiment confirmed it: e-1");
  });
});

describe("calls without a time-out in the mesh", () => {
  const http = STORY_EDGES.find(({ protocol, caller }) => protocol === "http" && caller.name === "repeater");
  const callee = http?.callee ?? "";
  const story = storyCluster();
  const seen = (timeout: boolean) => {
    const limits = new Map([[callee, { timeout, retriesOff: true }]]);
    return findRisks(rules, story, STORY_EDGES, limits);
  };
  const [risk] = seen(false).filter(({ risk }) => risk === "no-timeout-in-mesh");

  test("are a risk of the caller; with a time-out, or where nobody can tell, there is none", () => {
    expect(risk).toMatchObject({ workload: { name: "repeater" }, testedOn: [callee], judgedOn: ["go-app/repeater"] });
    for (const none of [seen(true), findRisks(rules, story, STORY_EDGES)])
      expect(none.some(({ risk }) => risk === "no-timeout-in-mesh")).toBe(false);
  });

  test("retries that are switched off are a risk of who is called", () =>
    expect(seen(true).find(({ risk }) => risk === "no-retry-in-mesh")?.workload).toMatchObject({
      name: callee.split("/")[1],
    }));

  test.each([
    { name: "the caller was unaffected by a slow answer", caller: "unaffected", state: "refuted" },
    { name: "the caller got worse, for whatever reason", caller: "recovered", state: "unclear" },
    { name: "the caller could not be judged", caller: "unknown", state: "untested" },
    { name: "the caller was not looked at", caller: null, state: "untested" },
  ] as const)("$name: $state", ({ caller, state }) => {
    const effects = [
      // whose answers were held back looks slow whatever its callers do
      { service: callee, outcome: "recovered" as const },
      ...(caller === null ? [] : [{ service: "go-app/repeater", outcome: caller }]),
    ];
    const test = { id: "e", atMs: 1, workload: callee, services: [callee], fault: "http-delay", effects };
    expect(settleRisks(risk === undefined ? [] : [risk], [{ ...test, outcome: "recovered" }], [])[0]?.state).toBe(
      state,
    );
  });

  test("that the caller was seen to wait however long it took confirms it", () => {
    if (risk === undefined) throw new Error("the story has the risk");
    const effects = [{ service: "go-app/repeater", outcome: "recovered" as const }];
    const test = { id: "e", atMs: 1, workload: callee, services: [callee], fault: "http-delay", effects };
    const finding = { weakness: "no-timeout", workload: workloadKey(risk.workload), status: "new" as const };
    const state = (of: string) =>
      settleRisks([risk], [{ ...test, outcome: "recovered" }], [{ ...finding, weakness: of }])[0]?.state;
    expect([state("no-timeout"), state("stale-connection")]).toEqual(["confirmed", "unclear"]);
  });
});
