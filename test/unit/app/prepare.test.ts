import { describe, expect, test } from "vitest";
import { cutOffPreparations } from "../../../src/app/experiment/advance.ts";
import { lastLookGates, preflightGates } from "../../../src/app/preflight/preflight.ts";
import type { Settings } from "../../../src/app/preflight/settings.ts";
import type { Pod, Workload } from "../../../src/core/model/cluster.ts";
import type { ExperimentEvent } from "../../../src/core/model/experiment.ts";
import type { Policy } from "../../../src/core/model/policy.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { OPEN_CALENDAR } from "../../../src/core/schedule/calendar.ts";
import { type Bench, bench, type World, world } from "../../support/app.ts";
import { cleared, experimentPlan, judgementOf, podChoice, T0, verdictOn } from "../../support/experiments.ts";
import { preflightFacts } from "../../support/preflight.ts";

const ID = experimentPlan().id;
const away = () => Promise.reject(new Error("nobody answers"));

/** One fault of the outside world, or of what is known of it. */
type Change = (run: Bench, the: World) => void;

const settings =
  (changes: Partial<Settings>): Change =>
  ({ deps }) => {
    const before = deps.settings();
    Object.assign(deps, { settings: () => ({ ...before, ...changes }) });
  };
const policy =
  (change: (policy: Policy) => Policy): Change =>
  ({ deps }) => {
    const before = deps.policyOf(experimentPlan())!;
    Object.assign(deps, { policyOf: () => change(before) });
  };
const workloads =
  (changes: Partial<Workload>): Change =>
  (_run, the) => {
    the.cluster = { ...the.cluster, workloads: the.cluster.workloads.map((one) => ({ ...one, ...changes })) };
  };
const pods =
  (changes: Partial<Pod>): Change =>
  (_run, the) => {
    the.cluster = { ...the.cluster, pods: the.cluster.pods.map((one) => ({ ...one, ...changes })) };
  };
const noCluster: Change = ({ deps }) => Object.assign(deps.cluster, { lookAgain: away });
const noJournal: Change = ({ deps }) => Object.assign(deps.book, { open: away });
const noConfiguration: Change = ({ deps }) => Object.assign(deps, { policyOf: () => null });

/** Another experiment of an hour ago on each workload, as far as these events go. */
const other =
  (id: string, events: readonly ExperimentEvent[], ended = false): Change =>
  ({ journal }, the) => {
    the.cluster.workloads.forEach((workload, i) => {
      const { target } = podChoice();
      const choice = { ...podChoice(), target: { ...target, workload, services: workload.services } };
      const plan = experimentPlan({ id: `${id}-${i}`, slotMs: T0 - HOUR_MS, policy: "another" });
      const all: ExperimentEvent[] = [{ kind: "planned", plan }, { kind: "chosen", choice }, ...events];
      void journal.append(`experiment/${plan.id}`, 0, all, { atMs: T0 - HOUR_MS, indexMs: T0 - HOUR_MS, open: !ended });
    });
  };
const injected: readonly ExperimentEvent[] = [
  { kind: "intended", t0Ms: T0 - HOUR_MS },
  { kind: "injected", t0Ms: T0 - HOUR_MS },
];
const judged = (headline: "persistent" | "steady", services: readonly string[]): readonly ExperimentEvent[] => [
  ...injected,
  cleared(T0 - HOUR_MS + MINUTE_MS),
  {
    kind: "judged",
    judgement: { ...judgementOf(headline), verdicts: services.map((one) => verdictOn(one, headline)) },
    provisional: false,
  },
  { kind: "diagnosed", findings: [] },
  { kind: "notified", news: [] },
];

interface Case {
  /** Makes only this gate's facts bad. */
  readonly bad: Change;
  /** Takes its facts away; the gate that says so is another one where several share a source. */
  readonly unknown: Change;
  readonly says?: string;
  /** Done before everything. */
  readonly before?: Change;
}

const cluster = { unknown: noCluster, says: "cluster" };
const journal = { unknown: noJournal, says: "journal" };
const configuration = { unknown: noConfiguration, says: "policy" };

/** What is asked again at the last look. */
const ASKED_AGAIN: Readonly<Record<string, Case>> = {
  halt: {
    bad: (_run, the) => void Object.assign(the, { halted: true }),
    unknown: ({ deps }) => void Object.assign(deps.halt, { read: away }),
    says: "halt",
  },
  mode: { bad: policy((one) => ({ ...one, mode: "sham" })), ...configuration },
  fault: { bad: policy((one) => ({ ...one, faults: [] })), ...configuration },
  lateness: { bad: ({ clock }) => clock.moveTo(T0 + 61 * SECOND_MS), ...configuration },
  calendar: {
    bad: settings({
      calendar: { ...OPEN_CALENDAR, freezes: [{ fromMs: T0 - 1, toMs: T0 + HOUR_MS, reason: "sale" }] } as never,
    }),
    ...configuration,
  },
  scope: { bad: policy((one) => ({ ...one, target: { ...one.target, names: ["another"] } })), ...configuration },
  dependencies: {
    bad: settings({ dependencies: ["go-app/go-app", "go-app/repeater", "go-app/go-app-db"] }),
    ...configuration,
  },
  "active-experiment": { bad: other("active", injected), ...journal },
  "open-damage": { bad: other("damaged", judged("persistent", ["go-app/go-app"])), ...journal },
  budget: { bad: policy((one) => ({ ...one, limits: { ...one.limits, perDay: 0 } })), ...journal },
  "impact-budget": {
    bad: policy((one) => ({ ...one, limits: { ...one.limits, failedRequests: 0 } })),
    ...journal,
  },
  cooldown: {
    before: other("past", judged("steady", []), true),
    bad: policy((one) => ({ ...one, limits: { ...one.limits, cooldownMs: 2 * HOUR_MS } })),
    ...journal,
  },
  replicas: { bad: workloads({ readyReplicas: 0 }), ...cluster },
  rollout: { bad: workloads({ rollout: "new pods" }), ...cluster },
  autoscaler: {
    bad: workloads({
      autoscaler: { name: "hpa", minReplicas: 1, maxReplicas: 9, currentReplicas: 1, desiredReplicas: 2 },
    }),
    ...cluster,
  },
  "blast-radius": {
    bad: policy((one) => ({ ...one, limits: { ...one.limits, maxUnavailable: { unit: "pods", value: 0 } } })),
    ...cluster,
  },
  "disruption-budget": {
    bad: workloads({ budgets: [{ name: "pdb", disruptionsAllowed: 0, observed: true }] }),
    ...cluster,
  },
  pods: { bad: pods({ ready: false }), ...cluster },
};

/** What is asked once, for it may take its time. */
const ASKED_ONCE: Readonly<Record<string, Case>> = {
  "node-pressure": {
    bad: (_run, the) => {
      the.cluster = {
        ...the.cluster,
        nodes: the.cluster.nodes.map((one) => (one.name === "node-a" ? { ...one, pressure: ["DiskPressure"] } : one)),
      };
    },
    unknown: (_run, the) => {
      the.cluster = { ...the.cluster, nodes: the.cluster.nodes.filter((one) => one.name !== "node-a") };
    },
    // what the gate would refuse is not chosen
    says: "target",
  },
  metrics: {
    bad: ({ deps }) => {
      deps.metrics.health = async () => ({ blind: "no samples", scrapeIntervalMs: null, clockSkewMs: 0, services: 0 });
    },
    unknown: ({ deps }) => void Object.assign(deps.metrics, { health: away }),
  },
  alerts: {
    bad: ({ deps }) => {
      deps.alerts.firing = async () => [{ name: "HighErrorRate", labels: {} }];
    },
    unknown: ({ deps }) => void Object.assign(deps.alerts, { firing: away }),
  },
  degraded: {
    bad: (_run, the) => {
      the.recent = () =>
        ["go-app/go-app", "go-app/repeater"].map((service) => ({ service, requests: 100, failures: 50 }));
    },
    unknown: ({ deps }) => void Object.assign(deps.metrics, { recent: away }),
  },
  rights: {
    bad: ({ deps }) => {
      deps.cluster.mayI = async (questions) => questions.map(() => false);
    },
    unknown: ({ deps }) => void Object.assign(deps.cluster, { mayI: away }),
  },
  lease: {
    bad: (_run, the) => void Object.assign(the, { holdsLease: false }),
    unknown: ({ deps }) => void Object.assign(deps.lease, { hold: away }),
  },
};

const MOMENTS = ["chosen", "asked", "intended"] as const;
type Moment = (typeof MOMENTS)[number];

/**
 * Plays the slot; `change` happens after the target was chosen, after the gates were asked, or
 * after the intent was written.
 */
async function prepared(moment: Moment, change: Change, before?: Change) {
  const the = world();
  const run = await bench(the);
  settings({ alerts: "" })(run, the);
  before?.(run, the);
  let happened = false;
  const happen = (): void => {
    if (!happened) change(run, the);
    happened = true;
  };
  const { append } = run.deps.journal;
  run.deps.journal.append = async (stream, seq, events, options) => {
    await append(stream, seq, events, options);
    if (stream.endsWith(ID) && events.some((event) => event.kind === moment)) happen();
  };
  const { mayI } = run.deps.cluster;
  run.deps.cluster.mayI = async (questions, signal) => {
    const answers = await mayI(questions, signal);
    if (moment === "asked") happen();
    return answers;
  };
  await run.step();
  const { phase, refusal } = await run.deps.book.experiment(ID);
  return { phase, refusal, orders: the.orders, happened, settled: the.settled.get(ID) };
}

test("undisturbed it is injected", async () => {
  const { phase, orders, settled } = await prepared("chosen", () => undefined, ASKED_AGAIN.cooldown?.before);
  expect([phase, orders.length, settled]).toEqual(["observing", 1, "injected"]);
});

test("every gate has its cases", () => {
  const names = (gates: readonly { readonly name: string }[]) => gates.map((gate) => gate.name).toSorted();
  expect(Object.keys({ ...ASKED_AGAIN, ...ASKED_ONCE }).toSorted()).toEqual(names(preflightGates(preflightFacts())));
  expect(Object.keys(ASKED_AGAIN).toSorted()).toEqual(names(lastLookGates(preflightFacts())));
});

describe.each(Object.entries(ASKED_AGAIN).map(([gate, one]) => ({ gate, ...one })))(
  "the gate $gate",
  ({ gate, bad, unknown, says = gate, before }) => {
    test.each(["asked", "intended"] as const)("refuses when its facts are bad once it was %s", async (moment) => {
      const { phase, refusal, orders, happened } = await prepared(moment, bad, before);
      expect([happened, orders.length]).toEqual([true, 0]);
      if (moment === "intended")
        expect([phase, refusal?.why]).toEqual(["not-injected", expect.stringMatching(`^${gate}: `)]);
      else expect([phase, refusal?.gate]).toEqual(["refused", gate]);
    });

    test.each(["asked", "intended"] as const)("refuses when its facts cannot be had once it was %s", async (moment) => {
      const { phase, refusal, orders, happened } = await prepared(moment, unknown, before);
      expect([happened, orders.length]).toEqual([true, 0]);
      if (moment === "intended")
        expect([phase, refusal?.why]).toEqual(["not-injected", expect.stringMatching(`^${says}: `)]);
      else expect([phase, refusal?.gate]).toEqual(["refused", says]);
    });
  },
);

describe.each(Object.entries(ASKED_ONCE).map(([gate, one]) => ({ gate, ...one })))(
  "the gate $gate",
  ({ gate, bad, unknown, says = gate }) => {
    test.each([
      { name: "are bad", change: bad },
      { name: "cannot be had", change: unknown },
    ])("refuses when its facts $name", async ({ change }) => {
      const { phase, refusal, orders } = await prepared("chosen", () => undefined, change);
      expect([phase, refusal?.gate, orders.length]).toEqual(["refused", says, 0]);
    });
  },
);

describe("a halt that is seen", () => {
  test.each([{ fault: "lookAgain" }, { fault: "hold" }, { fault: "noteIntent" }])(
    "cuts the preparation off while $fault does not answer",
    async ({ fault }) => {
      const the = world();
      const run = await bench(the);
      const hang = (signal: AbortSignal): Promise<never> => {
        queueMicrotask(() => cutOffPreparations("halted by ada: fire"));
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      };
      if (fault === "lookAgain") run.deps.cluster.lookAgain = (_workloads, signal) => hang(signal);
      if (fault === "hold") run.deps.lease.hold = hang;
      if (fault === "noteIntent") run.deps.lease.noteIntent = (_hold, _intent, signal) => hang(signal);
      await run.step();
      const { phase, refusal } = await run.deps.book.experiment(ID);
      expect([phase, refusal, the.orders.length]).toEqual(["refused", { gate: "halt", why: "halted by ada: fire" }, 0]);
    },
  );

  test("keeps a request back that waits for credentials or a connection", async () => {
    const the = world();
    const run = await bench(the);
    const why: (string | null | undefined)[] = [];
    run.deps.injector.inject = async (order) => {
      why.push(order.whyNot?.());
      cutOffPreparations("halted by ada: fire");
      why.push(order.whyNot?.());
      return { kind: "not-injected", why: "halted" };
    };
    await run.step();
    expect(why).toEqual([null, "halted by ada: fire"]);
  });
});

describe("an answer that comes late", () => {
  test("is asked for again, and nothing is called on what was true seconds ago", async () => {
    const the = world();
    const run = await bench(the);
    let asked = 0;
    run.deps.lease.noteIntent = async (_hold, intent) => {
      asked += 1;
      if (asked === 2) run.clock.moveTo(run.clock.nowMs() + 12 * SECOND_MS);
      the.intents.push(intent);
    };
    await run.step();
    expect([asked, the.orders.length]).toEqual([3, 1]);
  });

  test("is believed never when every answer is late", async () => {
    const the = world();
    const run = await bench(the);
    const look = run.deps.cluster.lookAgain;
    run.deps.cluster.lookAgain = (...asked) => {
      run.clock.moveTo(run.clock.nowMs() + 3 * SECOND_MS);
      return look(...asked);
    };
    await run.step();
    expect((await run.deps.book.experiment(ID)).refusal).toMatchObject({ gate: "last-look" });
    expect(the.orders).toHaveLength(0);
  });

  test("makes an order stale whose request waits for credentials or a connection", async () => {
    const the = world();
    const run = await bench(the);
    let why: string | null | undefined;
    run.deps.injector.inject = async (order) => {
      run.clock.moveTo(run.clock.nowMs() + 3 * SECOND_MS);
      why = order.whyNot?.();
      return { kind: "not-injected", why: why ?? "" };
    };
    await run.step();
    expect(why).toContain("too long ago");
  });

  test("makes an order stale when the clock that windows refer to was set after the last look", async () => {
    const the = world();
    const run = await bench(the);
    let why: string | null | undefined;
    run.deps.injector.inject = async (order) => {
      run.clock.setBy(-3_600 * SECOND_MS);
      why = order.whyNot?.();
      return { kind: "not-injected", why: why ?? "" };
    };
    await run.step();
    expect(why).toBe("the clock was set after the last look");
  });

  test("does not make t0 earlier than the call", async () => {
    const the = world();
    const run = await bench(the);
    const { append } = run.deps.journal;
    run.deps.journal.append = async (stream, seq, events, options) => {
      await append(stream, seq, events, options);
      if (events.some((event) => event.kind === "intended")) run.clock.moveTo(T0 + 20 * SECOND_MS);
    };
    await run.step();
    expect((await run.deps.book.experiment(ID)).t0Ms).toBe(T0 + 20 * SECOND_MS);
  });
});

test("the order carries the versions of the pods that the last look saw", async () => {
  const the = world();
  const run = await bench(the);
  run.deps.cluster.lookAgain = async () => ({
    ...the.cluster,
    pods: the.cluster.pods.map((pod) => ({ ...pod, resourceVersion: `version-of-${pod.uid}` })),
  });
  await run.step();
  const [pod] = the.orders[0]?.target.pods ?? [];
  expect(pod?.resourceVersion).toBe(`version-of-${pod?.uid}`);
  expect(JSON.stringify(run.journal.entries())).not.toContain("version-of");
});

describe("a journal that went back in time", () => {
  /** The journal without what was written since the `kept`-th event. */
  async function rolledBack(the: World, kept: number): Promise<Bench> {
    const first = await bench(the);
    await first.step();
    const entries = (await first.journal.read(`experiment/${ID}`)).slice(0, kept);
    const again = await bench(the);
    const events = entries.slice(1).map((entry) => entry.event);
    if (events.length > 0)
      await again.journal.append(`experiment/${ID}`, 1, events, { atMs: T0, indexMs: T0, open: true });
    again.clock.moveTo(T0 + 10 * SECOND_MS);
    return again;
  }

  test.each([
    { name: "before the choice", kept: 1, injection: { kind: "injected" } as const, wasDone: "done" as const },
    { name: "before the intent", kept: 2, injection: { kind: "injected" } as const, wasDone: "done" as const },
    { name: "before the choice", kept: 1, injection: new Error("no answer"), wasDone: "not-done" as const },
    { name: "before the intent", kept: 2, injection: new Error("no answer"), wasDone: "not-done" as const },
  ])(
    "to $name calls nothing twice, and ends as what truly happened ($wasDone)",
    async ({ kept, injection, wasDone }) => {
      const the = world();
      the.injection = injection;
      the.wasDone = wasDone;
      const run = await rolledBack(the, kept);
      const [hit] = the.orders[0]?.target.pods ?? [];
      await run.play(T0 + 2 * MINUTE_MS);
      expect(the.orders).toHaveLength(1);
      const state = await run.deps.book.experiment(ID);
      expect(state.injection).toBe(wasDone === "done" ? "injected" : "not-injected");
      expect(state.choice?.target.pods[0]?.uid).toBe(hit?.uid);
    },
  );

  test("asks a lease that cannot be read again, instead of saying that nothing was injected", async () => {
    const the = world();
    const run = await rolledBack(the, 2);
    run.clock.moveTo(T0 + 2 * MINUTE_MS);
    const { intentOf } = run.deps.lease;
    run.deps.lease.intentOf = away;
    expect(await run.step()).toBe(run.clock.nowMs() + 5 * SECOND_MS);
    run.deps.lease.intentOf = intentOf;
    await run.step();
    expect((await run.kinds()).slice(-2)).toEqual(["restored", "injected"]);
  });
});
