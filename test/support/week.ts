import { replay } from "../../src/core/experiment/life.ts";
import { workloadKey } from "../../src/core/model/cluster.ts";
import type { ExperimentEvent, ExperimentState } from "../../src/core/model/experiment.ts";
import type { Finding, FindingStatus } from "../../src/core/model/finding.ts";
import type { FindingEvent, JournalEntry } from "../../src/core/model/journal.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import type { Judgement } from "../../src/core/model/verdict.ts";
import { weekNamed } from "../../src/core/report/week.ts";
import type { WeeklyInput } from "../../src/core/report/weekly/input.ts";
import { experimentPlan, T0 } from "./experiments.ts";
import { STORY_FINDINGS } from "./notices.ts";
import { deployment, failureEffect, judgement, recovered, STORY_VERDICTS, signalVerdict } from "./story.ts";

/**
 * A full week of the go-app story in 2026-W10: every kind of ending, a sham with and one without an
 * alarm, a refusal, a missed slot.
 */

export const WEEK = weekNamed("2026-W10", "Europe/Berlin");

interface Told {
  readonly slotMs: number;
  readonly on?: string;
  readonly sham?: boolean;
  readonly judged?: Judgement;
  readonly findings?: readonly Finding[];
  readonly later?: readonly ExperimentEvent[];
}

export const idOf = (slotMs: number): string =>
  `go-app-pods-${new Date(slotMs).toISOString().replaceAll(/[-:]|\.\d+/g, "")}`;

/** The events of one experiment from its plan to its end. */
export function experimentEvents({ slotMs, on = "go-app", sham = false, judged, findings = [], later = [] }: Told) {
  const t0Ms = slotMs + 1_000;
  const shift = slotMs - T0;
  const events: ExperimentEvent[] = [
    { kind: "planned", plan: experimentPlan({ id: idOf(slotMs), slotMs, sham, seed: Math.abs(shift % 9_973) }) },
    {
      kind: "chosen",
      choice: {
        target: {
          workload: deployment(on),
          services: [`go-app/${on}`],
          pods: [{ namespace: "go-app", name: `${on}-1`, uid: "u" }],
          node: "node-a",
          zone: null,
        },
        fault: { kind: "pod-delete" },
        eligible: 3,
        ineligible: 4,
        drawn: `service go-app/${on} (least recently exercised of 3) → Deployment ${on} → pod 1 of 2`,
      },
    },
  ];
  if (sham) events.push({ kind: "pretended", t0Ms });
  else events.push({ kind: "intended", t0Ms }, { kind: "injected", t0Ms });
  if (judged === undefined) return [...events, ...later];
  return [
    ...events,
    { kind: "cleared" as const, clearMs: t0Ms + MINUTE_MS, how: sham ? ("drawn" as const) : ("replaced" as const) },
    { kind: "judged" as const, judgement: judged, provisional: false },
    { kind: "diagnosed" as const, findings },
    { kind: "notified" as const, news: [] },
    ...later,
  ];
}

export const experiment = (told: Told): ExperimentState => replay(experimentEvents(told));

const planned = (slotMs: number, ...later: ExperimentEvent[]): ExperimentState =>
  replay([{ kind: "planned", plan: experimentPlan({ id: idOf(slotMs), slotMs }) }, ...later]);

export const STEADY = judgement(
  [signalVerdict("go-app", "failures", { kind: "steady" }), signalVerdict("repeater", "failures", { kind: "steady" })],
  { origin: null },
);
export const TRANSIENT = judgement([
  signalVerdict("go-app", "failures", recovered(24_000), { effect: failureEffect(0, 0.06, 14) }),
  signalVerdict("repeater", "failures", { kind: "steady" }),
]);

const monday = WEEK.fromMs + 10 * HOUR_MS;
export const T_DATABASE = monday + 3 * DAY_MS;

export const WEEK_EXPERIMENTS: readonly ExperimentState[] = [
  experiment({ slotMs: monday, on: "repeater", judged: STEADY }),
  experiment({ slotMs: monday + DAY_MS, judged: TRANSIENT }),
  experiment({ slotMs: monday + 2 * DAY_MS, sham: true, judged: STEADY }),
  experiment({
    slotMs: T_DATABASE,
    on: "go-app-db",
    judged: judgement(STORY_VERDICTS),
    findings: STORY_FINDINGS,
    later: [
      {
        kind: "recovered",
        recoveredMs: T_DATABASE + 24 * MINUTE_MS,
        afterMs: 24 * MINUTE_MS,
        cure: "Deployment go-app/go-app was rolled out anew",
      },
      { kind: "recovery-notified" },
    ],
  }),
  planned(T_DATABASE + 20 * MINUTE_MS, {
    kind: "refused",
    gate: "open-damage",
    why: "go-app-pods-20260305T090000Z has not recovered: go-app/go-app, go-app/repeater",
  }),
  planned(monday + 4 * DAY_MS, { kind: "missed", why: "the slot passed 412 s ago; nothing is injected late" }),
  experiment({ slotMs: monday + 4 * DAY_MS + HOUR_MS, sham: true, judged: TRANSIENT }),
];

function seen(status: FindingStatus, finding: Finding, atMs: number): JournalEntry<FindingEvent> {
  return {
    stream: `finding/${finding.fingerprint}`,
    seq: 1,
    atMs,
    event: {
      kind: status === "fixed" ? "not-shown" : "seen",
      experimentId: idOf(atMs),
      weakness: finding.weakness,
      workload: workloadKey(finding.workload),
      status,
    },
  };
}

const [stale, probe, single] = STORY_FINDINGS as [Finding, Finding, Finding];
const retries: Finding = {
  ...stale,
  weakness: "slow-replacement",
  fingerprint: "slow-replacement:Deployment:go-app:repeater",
  workload: deployment("repeater"),
};

export const WEEK_INPUT: WeeklyInput = {
  cluster: "prod-eu",
  week: WEEK,
  nowMs: WEEK.toMs + 9 * HOUR_MS,
  experiments: WEEK_EXPERIMENTS,
  inventory: [
    { workload: deployment("repeater"), whyNot: [] },
    { workload: deployment("go-app"), whyNot: [] },
    { workload: deployment("go-app-db"), whyNot: [] },
    { workload: deployment("mailer"), whyNot: [] },
    { workload: deployment("search"), whyNot: [] },
    {
      workload: { kind: "StatefulSet", namespace: "go-app", name: "ledger" },
      whyNot: ["only 1 replica (singleReplica: skip)", "its budget allows no disruption"],
    },
  ],
  lastHitMs: new Map([[workloadKey(deployment("search")), monday - 9 * DAY_MS]]),
  findings: new Map([
    [stale.fingerprint, [seen("new", stale, T_DATABASE)]],
    [
      probe.fingerprint,
      [
        seen("new", probe, T_DATABASE - 14 * DAY_MS),
        seen("fixed", probe, T_DATABASE - 10 * DAY_MS),
        seen("regressed", probe, T_DATABASE),
      ],
    ],
    [single.fingerprint, [seen("new", single, T_DATABASE - 14 * DAY_MS), seen("known", single, T_DATABASE)]],
    [retries.fingerprint, [seen("new", retries, monday - 7 * DAY_MS), seen("fixed", retries, monday)]],
  ]),
  previous: null,
};
