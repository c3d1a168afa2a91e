import { replay } from "../../src/core/experiment/life.ts";
import type { Choice, ExperimentEvent, ExperimentPlan } from "../../src/core/model/experiment.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src/core/model/units.ts";
import type { DesignCheck, Judgement } from "../../src/core/model/verdict.ts";
import type { ExperimentRecord } from "../../src/views/data.ts";
import { experimentPlan, T0 } from "./experiments.ts";
import { STORY_FINDINGS } from "./notices.ts";
import { deployment, failureEffect, judgement, recovered, STORY_VERDICTS, signalVerdict } from "./story.ts";
import { experimentEvents, idOf, STEADY } from "./week.ts";

/**
 * One experiment of each kind that is not the usual one, as the dashboard has it: by what it is.
 */

const FIVE_HOURS = { fromMs: T0 - 2 * HOUR_MS, toMs: T0 + 3 * HOUR_MS, count: 300 };

const TRANSIENT: Judgement = judgement([
  signalVerdict("go-app", "failures", recovered(24 * SECOND_MS), { effect: failureEffect(0, 0.06, 14), designP: 0.4 }),
  signalVerdict("repeater", "failures", { kind: "steady" }),
]);

const CHECKS: readonly DesignCheck[] = [
  { service: "go-app/go-app", signal: "failures", p: 0.4, candidates: 300, vetoed: true },
];

interface Changed {
  readonly plan?: Partial<ExperimentPlan>;
  readonly choice?: Partial<Choice>;
  readonly provisional?: boolean;
}

/** The events with another plan or choice. */
const changed = (events: readonly ExperimentEvent[], { plan, choice, provisional = false }: Changed) =>
  events.map((event): ExperimentEvent => {
    if (event.kind === "planned") return { ...event, plan: { ...event.plan, ...plan } };
    if (event.kind === "chosen") return { ...event, choice: { ...event.choice, ...choice } };
    return event.kind === "judged" ? { ...event, provisional } : event;
  });

function recordOf(events: readonly ExperimentEvent[]): ExperimentRecord {
  const state = replay(events);
  const entries = events.map((event, i) => ({
    stream: `experiment/${state.plan?.id ?? ""}`,
    seq: i + 1,
    atMs: T0 + i * 90 * SECOND_MS,
    event,
  }));
  return { state, entries, observation: null, calls: [] };
}

const provisional = (id: string) =>
  changed(experimentEvents({ slotMs: T0, judged: TRANSIENT, findings: STORY_FINDINGS.slice(0, 1) }), {
    plan: { id, candidates: FIVE_HOURS },
    provisional: true,
  });

const node: Choice = {
  target: {
    workload: deployment("go-app"),
    services: ["go-app/go-app", "go-app/go-app-db", "go-app/repeater"],
    pods: ["go-app-g1", "go-app-db-d1", "repeater-r1"].map((name) => ({ namespace: "go-app", name, uid: name })),
    node: "node-a",
    zone: null,
  },
  fault: { kind: "pod-delete" },
  eligible: 0,
  ineligible: 0,
  drawn:
    "node node-a was lost, and with it 1 pod of Deployment go-app/go-app, 1 pod of Deployment go-app/go-app-db, 1 pod of Deployment go-app/repeater",
};

const nodeLost: readonly ExperimentEvent[] = [
  {
    kind: "planned",
    plan: experimentPlan({
      id: "natural-node-node-a-20260306T091500Z",
      policy: "natural",
      candidates: { fromMs: T0, toMs: T0, count: 1 },
      natural: { what: "node-lost", t0Ms: T0, choice: node },
    }),
  },
  { kind: "happened", t0Ms: T0, choice: node },
  { kind: "cleared", clearMs: T0 + 15 * MINUTE_MS, how: "late", why: "2 pods are not Ready" },
  { kind: "judged", judgement: judgement(STORY_VERDICTS), provisional: false },
  { kind: "diagnosed", findings: [] },
];

const beforeVerdict = (events: readonly ExperimentEvent[]) =>
  events.slice(
    0,
    events.findIndex((event) => event.kind === "judged"),
  );
const extended = (id: string): readonly ExperimentEvent[] => [
  ...beforeVerdict(changed(experimentEvents({ slotMs: T0, judged: STEADY }), { plan: { id } })),
  {
    kind: "extended",
    toMs: T0 + SECOND_MS + 18 * MINUTE_MS,
    why: "go-app/go-app is on the way back",
    found: [{ service: "go-app/go-app", signal: "failures" }],
    sourceRequests: 5,
  },
];

export const KINDS = {
  extended: recordOf(extended("go-app-pods-extended")),
  curtailed: recordOf([
    ...extended("go-app-pods-curtailed"),
    { kind: "curtailed", why: "a rollout of Deployment go-app/go-app" },
  ]),
  provisional: recordOf(provisional("go-app-pods-provisional")),
  withdrawn: recordOf([
    ...provisional("go-app-pods-withdrawn"),
    { kind: "finalised", checks: CHECKS, findings: [], news: ["go-app-pods-withdrawn:withdrawn"] },
  ]),
  nodeLost: recordOf(nodeLost),
  confirmation: recordOf(
    changed(experimentEvents({ slotMs: T0, on: "go-app-db", judged: judgement(STORY_VERDICTS) }), {
      plan: { id: "go-app-pods-again" },
      choice: { confirms: { of: idOf(T0 - 24 * HOUR_MS), why: "suspected" } },
    }),
  ),
  team: recordOf(
    changed(experimentEvents({ slotMs: T0, judged: STEADY }), {
      plan: { id: "shop.orders-20260306T091500Z", policy: "shop.orders" },
    }),
  ),
} as const satisfies Readonly<Record<string, ExperimentRecord>>;
