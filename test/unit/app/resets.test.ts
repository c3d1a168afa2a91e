import { expect, test } from "vitest";
import { withResets } from "../../../src/app/judge/resets.ts";
import { deriveFacts } from "../../../src/core/diagnose/derive.ts";
import { diagnose } from "../../../src/core/diagnose/diagnose.ts";
import type { ClusterSnapshot, Workload } from "../../../src/core/model/cluster.ts";
import type { Fault } from "../../../src/core/model/fault.ts";
import type { Observation } from "../../../src/core/model/series.ts";
import type { Judgement } from "../../../src/core/model/verdict.ts";
import type { WorkloadDesign } from "../../../src/core/model/workload-design.ts";
import type { ResetCount } from "../../../src/ports/metrics.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { shippedRules } from "../../support/rules.ts";
import { failureEffect, goAppPodLost, judgement, recovered, signalVerdict } from "../../support/story.ts";

const PLAIN: WorkloadDesign = { withoutRequests: [], graceSeconds: 30, preStopSeconds: null, preStop: false };

/** What the mesh tells of one experiment in which a pod of go-app was deleted. */
interface Case {
  readonly excess: number;
  readonly kind: "transient" | "persistent";
  readonly fault: Fault;
  readonly design: WorkloadDesign | undefined;
  readonly counted: readonly ResetCount[];
  readonly flags: Readonly<Record<string, number>>;
  readonly fails: boolean;
}

const BROKEN: Case = {
  excess: 40,
  kind: "transient",
  fault: { kind: "pod-delete" },
  design: PLAIN,
  counted: [{ service: "go-app/go-app", reporter: "source", count: 38 }],
  flags: { UC: 36, UF: 4, URX: 4 },
  fails: false,
};

const design = (snapshot: ClusterSnapshot, of: WorkloadDesign | undefined): ClusterSnapshot => ({
  ...snapshot,
  workloads: snapshot.workloads.map((one): Workload => {
    const { design: _, ...rest } = one;
    return of === undefined ? rest : { ...rest, design: of };
  }),
});

/** What was asked, the judgement after it, and what is found then. */
async function after(changes: Partial<Case> = {}) {
  const { excess, kind, fault, design: of, counted, flags, fails } = { ...BROKEN, ...changes };
  const verdict = kind === "persistent" ? ({ kind } as const) : recovered(20_000);
  const judged: Judgement = judgement(
    [signalVerdict("go-app", "failures", verdict, { effect: failureEffect(0, 0.05, excess) })],
    { origin: "go-app/go-app" },
  );
  const lost = goAppPodLost(20_000, { judgement: judged });
  const before = design(lost.before, of);
  const choice = { ...lost.choice, fault };
  const asked: string[] = [];
  const warnings: string[] = [];
  const count = async (services: readonly string[], { fromMs, toMs }: { fromMs: number; toMs: number }) => {
    asked.push(`${services.join(" ")} for ${(toMs - fromMs) / 1_000} s from ${fromMs - T0}`);
    if (fails) throw new Error("away");
    return counted;
  };
  const observation = { services: [{ service: "go-app/go-app", reporter: "source", flags }] } as unknown as Observation;
  const told = await withResets(
    {
      metrics: { resets: { flags: ["UC", "UR", "UF"], count } },
      archive: { snapshot: async () => before },
      log: { warn: (text: string) => warnings.push(text) } as never,
    },
    "id",
    { plan: experimentPlan(), choice: choice as never, t0Ms: T0 },
    { judgement: judged, observation },
    new AbortController().signal,
  );
  const facts = deriveFacts({ ...lost, choice, before, after: design(lost.after, of), judgement: told });
  const found = diagnose(facts, shippedRules()).map(({ weakness }) => weakness);
  return { asked, told, warnings, found: found.includes("resets-at-termination"), others: found, judged };
}

test("a burst of broken requests while a pod ends is asked for once, for its grace and two scrapes, and found", async () => {
  const { asked, told, found, others, judged } = await after();
  expect(asked).toEqual(["go-app/go-app for 60 s from 0"]);
  expect(told.resets).toEqual([{ service: "go-app/go-app", ending: 38, otherwise: 2 }]);
  expect(told.sourceRequests).toBe(judged.sourceRequests + 1);
  expect(found).toBe(true);
  expect(others).not.toContain("loses-requests-with-a-pod");
});

test.each<{ name: string; changes: Partial<Case> }>([
  { name: "there is a preStop", changes: { design: { ...PLAIN, preStop: true, preStopSeconds: 5 } } },
  { name: "there is a preStop that does something else", changes: { design: { ...PLAIN, preStop: true } } },
  {
    name: "nobody looked for a preStop",
    changes: { design: { withoutRequests: [], graceSeconds: 30, preStopSeconds: null } },
  },
  {
    name: "nothing broke off: the burst has another cause",
    changes: { counted: [{ service: "go-app/go-app", reporter: "source", count: 0 }], flags: {} },
  },
  { name: "requests break off at other times, too", changes: { flags: { UC: 60 } } },
  { name: "few of the failures are broken requests", changes: { excess: 200 } },
  {
    name: "other proxies report it than are believed",
    changes: { counted: [{ service: "go-app/go-app", reporter: "destination", count: 38 }] },
  },
  { name: "the source cannot be read", changes: { fails: true } },
])("it is asked for, and not found, when $name", async ({ changes }) => {
  const { asked, found } = await after(changes);
  expect(asked).toHaveLength(1);
  expect(found).toBe(false);
});

test.each<{ name: string; changes: Partial<Case> }>([
  { name: "hardly anything failed", changes: { excess: 9 } },
  { name: "the damage stays", changes: { kind: "persistent" } },
  { name: "the pod was killed without being asked", changes: { fault: { kind: "pod-kill" } } },
  { name: "pods went one after the other, with a node", changes: { fault: { kind: "node-drain", durationMs: 1 } } },
  { name: "a pod has minutes to end", changes: { design: { ...PLAIN, graceSeconds: 300 } } },
  { name: "nobody knows how long it has to end", changes: { design: undefined } },
])("nothing is asked for, and nothing found, when $name", async ({ changes }) => {
  const { asked, found } = await after(changes);
  expect(asked).toEqual([]);
  expect(found).toBe(false);
});

test("a source that cannot be read spoils no judgement", async () => {
  const { told, judged, warnings } = await after({ fails: true });
  expect(told).toEqual(judged);
  expect(warnings).toEqual(["cannot tell which requests broke off"]);
});
