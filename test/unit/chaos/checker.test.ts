import { describe, expect, test } from "vitest";
import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import { check } from "../../chaos/model/checker.ts";
import type { Rules } from "../../chaos/model/facts.ts";
import type { Call, Entry, What } from "../../chaos/model/history.ts";
import { experimentPlan, judgementOf, podChoice, T0, verdictOn } from "../../support/experiments.ts";

const ID = "a";
const UID = podChoice().target.pods[0]!.uid;
const RULES: Rules = {
  allowed: [{ fromMs: T0 - 1_000, toMs: T0 + 600_000 }],
  lateAfterMs: 60_000,
  around: (services) => services,
};

const entry = (atMs: number, what: What, by = "worker-1"): Entry => ({ atMs: T0 + atMs, by, ...what }) as Entry;
const event = (atMs: number, seq: number, one: ExperimentEvent, id = ID): Entry =>
  entry(atMs, { on: "journal", id, seq, event: one });
const lease = (atMs: number, holder: string, token: number, outcome: string | null = null): Entry =>
  entry(atMs, { on: "lease", holder, token, intent: { id: ID, outcome } }, holder === "" ? "stranger" : holder);
const call = (atMs: number, changes: Partial<Call> = {}): Entry => {
  const sentMs = T0 + atMs;
  const at = { askedMs: sentMs, sentMs, shownMs: sentMs };
  const what = { verb: "delete", object: "pods x", uid: UID, applied: true, copy: false } as const;
  return entry(atMs + 2, { on: "call", ...at, ...what, experiment: ID, ...changes });
};
const judged = (headline: "steady" | "persistent"): ExperimentEvent => ({
  kind: "judged",
  provisional: false,
  judgement: { ...judgementOf(headline), verdicts: [verdictOn("go-app/go-app-db", headline)] },
});

const BEFORE: readonly Entry[] = [
  entry(-100, { on: "process", state: "started" }),
  event(10, 1, { kind: "planned", plan: experimentPlan({ id: ID }) }),
  event(20, 2, { kind: "chosen", choice: podChoice() }),
  lease(30, "worker-1", 1),
  event(40, 3, { kind: "intended", t0Ms: T0 + 40 }),
  lease(50, "worker-1", 1),
];
const AFTER: readonly Entry[] = [
  event(80, 4, { kind: "injected", t0Ms: T0 + 60 }),
  event(90_000, 5, { kind: "cleared", clearMs: T0 + 60_000, how: "replaced" }),
  event(200_000, 6, judged("steady")),
  event(200_010, 7, { kind: "diagnosed", findings: [] }),
  event(200_020, 8, { kind: "notified", news: [] }),
];
const GOOD = [...BEFORE, call(60), ...AFTER];

const other = (...events: ExperimentEvent[]): readonly Entry[] =>
  events.map((one, i) => event(-5_000 + i, i + 1, one, "b"));
const PLANNED: ExperimentEvent = { kind: "planned", plan: experimentPlan({ id: "b", slotMs: T0 - 900_000 }) };
const CHOSEN: ExperimentEvent = { kind: "chosen", choice: podChoice() };
const INTENDED: ExperimentEvent = { kind: "intended", t0Ms: T0 - 5_000 };
const NOTIFIED: ExperimentEvent = { kind: "notified", news: [] };
const INJECTED: ExperimentEvent = { kind: "injected", t0Ms: T0 - 5_000 };

const broken = (history: readonly Entry[]): readonly string[] => [
  ...new Set(check(history, RULES).broken.map(([promise]) => promise)),
];

describe("the checker of a history", () => {
  test("finds nothing in a good one", () => {
    expect(check(GOOD, RULES)).toEqual({ broken: [], calls: 1, frozen: 0 });
  });

  const drain = podChoice();
  const fault = { kind: "node-drain", durationMs: 60_000 } as const;
  const marked = (atMs: number, experiment: string | null) =>
    entry(atMs, { on: "fault", object: "/api/v1/nodes/node-a", experiment });
  const DRAINED = [
    ...GOOD.slice(0, 2),
    event(20, 2, { kind: "chosen", choice: { ...drain, fault } }),
    ...GOOD.slice(3, 7),
    marked(70, ID),
  ];

  test.each<{ name: string; history: readonly Entry[]; says: readonly string[] }>([
    {
      name: "a call without an intent on the lease",
      history: [...BEFORE.filter((one) => one.on !== "lease"), call(60), ...AFTER],
      says: ["lease-token"],
    },
    {
      name: "a lease that changed hands",
      history: [...BEFORE, lease(55, "", 2), call(60), ...AFTER],
      says: ["lease-token"],
    },
    { name: "a call long after its look", history: [...BEFORE, call(9_000), ...AFTER], says: ["stale-look"] },
    {
      name: "a call before the journal has its intent",
      history: [...BEFORE.filter((one) => one.on !== "journal" || one.seq < 3), call(60), ...AFTER],
      says: ["no-intent"],
    },
    {
      name: "a call outside the window",
      history: [...BEFORE, call(60, { shownMs: T0 - 2_000 }), ...AFTER],
      says: ["outside-window", "late"],
    },
    {
      name: "a call for a slot that passed",
      history: [...BEFORE, call(60, { shownMs: T0 + 63_000 }), ...AFTER],
      says: ["late"],
    },
    {
      name: "a second call for the same pod",
      history: [...BEFORE, call(60), call(70), ...AFTER],
      says: ["called-twice"],
    },
    {
      name: "no second call in what the network repeats",
      history: [...BEFORE, call(60), call(61, { copy: true, applied: false }), ...AFTER],
      says: [],
    },
    {
      name: "a pod that was not chosen",
      history: [...BEFORE, call(60, { uid: "other" }), ...AFTER],
      says: ["wrong-pod"],
    },
    {
      name: "a call after a halt that came before the look",
      history: [entry(0, { on: "halt", state: "written" }), ...GOOD],
      says: ["halted"],
    },
    {
      name: "what arrives after the halt was in force",
      history: [
        ...BEFORE,
        entry(61, { on: "halt", state: "written" }),
        entry(61, { on: "halt", state: "in-force" }),
        call(60),
        ...AFTER,
      ],
      says: ["halted"],
    },
    {
      name: "nothing in a halt that came a moment after the look",
      history: [...BEFORE, entry(55, { on: "halt", state: "written" }), call(60), ...AFTER],
      says: [],
    },
    {
      name: "an experiment that goes on",
      history: [...other(PLANNED, CHOSEN, INTENDED, INJECTED), ...GOOD],
      says: ["two-at-once", "untrue", "lost"],
    },
    {
      name: "open damage of the same services",
      history: [...other(PLANNED, CHOSEN, INTENDED, INJECTED, judged("persistent"), NOTIFIED), ...GOOD],
      says: ["open-damage", "untrue"],
    },
    {
      name: "a partial answer that somebody relied on",
      history: [...BEFORE, entry(15, { on: "partial", experiment: null }), call(60), ...AFTER],
      says: ["partial-answer"],
    },
    {
      name: "a pod of the workload that was away",
      history: [
        entry(-9_000, { on: "pod", workload: "db", uid: "z", state: "unready" }),
        ...BEFORE,
        call(60),
        entry(62, { on: "pod", workload: "db", uid: UID, state: "gone" }),
        ...AFTER,
      ],
      says: ["unready"],
    },
    {
      name: "a journal that says less than happened",
      history: [...BEFORE, call(60), event(80, 4, { kind: "not-injected", why: "no answer" })],
      says: ["untrue"],
    },
    { name: "a journal that says more than happened", history: [...BEFORE, ...AFTER], says: ["untrue"] },
    { name: "an intent without an outcome", history: [...BEFORE, call(60)], says: ["unresolved", "lost"] },
    {
      name: "a lease that was taken from a live holder",
      history: [...GOOD, lease(200_030, "worker-1", 1, "injected"), lease(201_000, "worker-2", 2, "injected")],
      says: ["lease-taken"],
    },
    { name: "a fault that nobody ended", history: [...DRAINED, ...AFTER], says: ["left-behind"] },
    {
      name: "a fault that ended late",
      history: [...DRAINED, marked(80_000, null), ...AFTER],
      says: ["ended-late", "early-clear"],
    },
    { name: "a fault that ended early", history: [...DRAINED, marked(30_000, null), ...AFTER], says: ["ended-early"] },
    {
      name: "a command that says all is well over an active fault",
      history: [
        ...DRAINED,
        entry(50_000, { on: "process", state: "ended", code: 0 }, "run-1"),
        marked(60_090, null),
        ...AFTER,
      ],
      says: ["false-exit"],
    },
    {
      name: "a run that was told to end and leaves its fault to the next one",
      history: [
        ...DRAINED,
        entry(75, { on: "process", state: "terminated" }, "run-1"),
        entry(2_000, { on: "process", state: "ended", code: 3 }, "run-1"),
        marked(60_090, null),
        ...AFTER,
      ].map((one) => (one.on === "call" ? { ...one, by: "run-1" } : one)),
      says: ["lease-token", "left-at-end"],
    },
    {
      name: "a cordon that stays although no pod went",
      history: [
        ...DRAINED.filter((one) => one.on !== "call"),
        marked(40_000, null),
        event(40_010, 4, { kind: "not-injected", why: "no pod went" }),
      ],
      says: ["useless-cordon"],
    },
    {
      name: "a late window that begins while the fault is active",
      history: [
        ...DRAINED,
        marked(60_090, null),
        ...AFTER.map((one, i) =>
          i === 1 ? event(90_000, 5, { kind: "cleared", clearMs: T0 + 15_000, how: "uncordoned" }) : one,
        ),
      ],
      says: ["early-clear"],
    },
  ])("finds $name", ({ history, says }) => expect(broken(history)).toEqual(says));

  test("does not judge the moment of a call whose process was stopped inside the sending", () => {
    const late = call(300_000, { askedMs: T0 + 60 });
    expect(check([...BEFORE, late, ...AFTER], RULES)).toEqual({ broken: [], calls: 1, frozen: 1 });
  });

  test("knows what a storage that went back in time forgot", () => {
    const forgotten = entry(85, { on: "storage", toMs: T0 });
    expect(broken([...BEFORE, call(60), AFTER[0]!, forgotten])).toEqual(["untrue", "lost"]);
  });
});
