import { judgeHere } from "../../src/adapters/system/judge/here.ts";
import { type AdvanceDeps, advance } from "../../src/app/experiment/advance.ts";
import { planExperiment } from "../../src/app/experiment/plan.ts";
import { DEFAULT_GATE_LIMITS } from "../../src/app/preflight/facts.ts";
import { archiveIn } from "../../src/app/records/archive.ts";
import { bookOf } from "../../src/app/records/experiment-reader.ts";
import type { ClusterSnapshot, Pod } from "../../src/core/model/cluster.ts";
import { AftershockError } from "../../src/core/model/error.ts";
import type { ExperimentPlan } from "../../src/core/model/experiment.ts";
import type { JournalEntry } from "../../src/core/model/journal.ts";
import { DEFAULT_MINIMUM_EFFECT, type Policy } from "../../src/core/model/policy.ts";
import type { Grid, Observation } from "../../src/core/model/series.ts";
import { MINUTE_MS } from "../../src/core/model/units.ts";
import { OPEN_CALENDAR } from "../../src/core/schedule/calendar.ts";
import type { Notice } from "../../src/core/text/notice.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { InjectionOrder, InjectionResult } from "../../src/ports/faults.ts";
import type { Cache, KeptJournal } from "../../src/ports/journal.ts";
import type { IntentNote, NotedIntent } from "../../src/ports/lease.ts";
import type { Log } from "../../src/ports/log.ts";
import type { RecentCounts } from "../../src/ports/metrics.ts";
import type { Delivery } from "../../src/ports/notifier.ts";
import { storyCluster } from "./cluster.ts";
import { experimentPlan, T0 } from "./experiments.ts";
import { policy } from "./policies.ts";
import { STORY_EDGES } from "./story.ts";

/** A clock that stands until it is moved. */
export interface HandClock extends Clock {
  /** Lets time pass until its hands show `ms`; a moment that has passed sets them back. */
  moveTo(ms: number): void;
  /** Somebody sets its hands by `ms`; no time passes. */
  setBy(ms: number): void;
}

export function handClock(startMs: number): HandClock {
  let passedMs = 0;
  let nowMs = startMs;
  const pass = (ms: number): void => {
    nowMs += ms;
    passedMs += Math.max(0, ms);
  };
  return {
    nowMs: () => nowMs,
    monotonicMs: () => passedMs,
    realMs: () => passedMs,
    sleep: async (ms) => pass(ms),
    moveTo: (ms) => pass(ms - nowMs),
    setBy: (ms) => {
      nowMs += ms;
    },
  };
}

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A journal in memory that keeps the port's promise of one winner. */
export function memoryJournal(): KeptJournal & { entries(): readonly JournalEntry[] } {
  const streams = new Map<string, { entries: JournalEntry[]; indexMs: number; open: boolean }>();
  const named = (kind: string, keep: (one: { indexMs: number; open: boolean }) => boolean) =>
    [...streams].filter(([name, one]) => name.startsWith(`${kind}/`) && keep(one)).map(([name]) => name);
  return {
    entries: () => [...streams.values()].flatMap((one) => one.entries),
    async append(stream, afterSeq, events, { atMs, indexMs, open }) {
      const known = streams.get(stream) ?? { entries: [], indexMs, open };
      if (known.entries.length !== afterSeq)
        throw new AftershockError("journal-conflict", `${stream} does not end at ${afterSeq}`);
      known.entries.push(...events.map((event, i) => ({ stream, seq: afterSeq + i + 1, atMs, event })));
      streams.set(stream, { ...known, open });
    },
    read: async (stream) => streams.get(stream)?.entries ?? [],
    list: async (kind, fromMs, toMs) => named(kind, (one) => fromMs <= one.indexMs && one.indexMs < toMs),
    listOpen: async (kind) => named(kind, (one) => one.open),
    heads: async (kind) =>
      [...streams]
        .filter(([name]) => name.startsWith(`${kind}/`))
        .map(([stream, { indexMs, open }]) => ({ stream, indexMs, open })),
    async rewrite(stream, seq, event) {
      const known = streams.get(stream);
      const entry = known?.entries[seq - 1];
      if (known === undefined || entry === undefined || known.open) return false;
      known.entries[seq - 1] = { ...entry, event };
      return true;
    },
    remove: async (stream) => streams.get(stream)?.open === false && streams.delete(stream),
  };
}

export function memoryCache(): Cache {
  const blobs = new Map<string, Uint8Array>();
  return {
    load: async (name) => blobs.get(name) ?? null,
    save: async (name, bytes) => void blobs.set(name, bytes),
    remove: async (name) => void blobs.delete(name),
    names: async (prefix) => [...blobs.keys()].filter((name) => name.startsWith(prefix)),
  };
}

/** What the outside does in one test; change it while the test runs. */
export interface World {
  cluster: ClusterSnapshot;
  /** Faults of the policy. */
  faults: Policy["faults"];
  /** Answer of the injector; an Error is a call without an answer. */
  injection: InjectionResult | Error;
  wasDone: "done" | "not-done" | "cannot-tell";
  holdsLease: boolean;
  halted: boolean;
  /** Failures among 600 requests a minute of each service, by time. */
  failureShare: (service: string, atMs: number) => number;
  source: Error | null;
  /** Steps in which nobody scraped a service. */
  unseen: (service: string, atMs: number) => boolean;
  /** Counts of the last minutes, at some time. */
  recent: (atMs: number) => readonly RecentCounts[];
  delivery: Delivery | AftershockError;
  readonly orders: InjectionOrder[];
  readonly undone: InjectionOrder[];
  readonly intents: IntentNote[];
  /** What the lease says became of them. */
  readonly settled: Map<string, string>;
  readonly notices: Notice[];
}

export function world(): World {
  return {
    cluster: storyCluster(),
    faults: policy().faults,
    injection: { kind: "injected" },
    wasDone: "cannot-tell",
    holdsLease: true,
    halted: false,
    failureShare: () => 0,
    source: null,
    unseen: () => false,
    recent: () => SERVICES.map((service) => ({ service, requests: 3_000, failures: 0 })),
    delivery: "sent",
    orders: [],
    undone: [],
    intents: [],
    settled: new Map(),
    notices: [],
  };
}

const SERVICES = ["go-app/repeater", "go-app/go-app"];
const REQUESTS_PER_MINUTE = 600;

function observed(the: World, grid: Grid): Observation {
  const services = SERVICES.map((service) => {
    const perStep = (REQUESTS_PER_MINUTE * grid.stepMs) / MINUTE_MS;
    const requests = new Float64Array(grid.steps).fill(perStep);
    const failures = requests.map((n, i) => Math.round(n * the.failureShare(service, grid.startMs + i * grid.stepMs)));
    const seen = (_: unknown, i: number) => (the.unseen(service, grid.startMs + i * grid.stepMs) ? 0 : 1);
    const valid = Uint8Array.from({ length: grid.steps }, seen);
    return {
      service,
      reporter: "source" as const,
      requests,
      failures,
      latency: null,
      connections: null,
      valid,
      flags: {},
    };
  });
  return { grid, services, sourceRequests: 1, notes: [] };
}

export interface Bench {
  readonly deps: AdvanceDeps;
  readonly clock: HandClock;
  readonly journal: ReturnType<typeof memoryJournal>;
  /** Kinds of the experiment's events so far. */
  kinds(id?: string): Promise<readonly string[]>;
  /** Advances once; answers when it wants to come back. */
  step(id?: string): Promise<number | null>;
  /** Advances until it has ended, or `untilMs` has passed. */
  play(untilMs: number, id?: string): Promise<void>;
}

/** The use cases on fake ports: one experiment of the story is planned at T0. */
export async function bench(the: World, changes: Partial<ExperimentPlan> = {}): Promise<Bench> {
  const clock = handClock(T0);
  const journal = memoryJournal();
  const source = async <T>(value: T): Promise<T> => {
    if (the.source !== null) throw the.source;
    return value;
  };
  const book = bookOf(journal);
  const pods = () => the.cluster.pods;
  const noted = (intent?: IntentNote): NotedIntent | null =>
    intent === undefined ? null : { ...intent, by: "test", outcome: the.settled.get(intent.experimentId) ?? null };
  const deps: AdvanceDeps = {
    clock,
    journal,
    book,
    log: silent,
    tell: () => undefined,
    archive: archiveIn(memoryCache(), silent),
    history: { upTo: async () => null, refresh: async () => undefined },
    rules: [],
    riskRules: [],
    settings: () => ({
      cluster: "test",
      mode: "inject",
      policies: [policy()],
      calendar: OPEN_CALENDAR,
      seed: 1,
      geometry: experimentPlan().geometry,
      minimumEffect: DEFAULT_MINIMUM_EFFECT,
      effects: [],
      historyMs: 0,
      abort: null,
      protectedNamespaces: ["kube-*"],
      dependencies: [],
      limits: DEFAULT_GATE_LIMITS,
      alerts: null,
      timezone: "UTC",
      dashboardUrl: null,
    }),
    policyOf: () =>
      policy({
        faults: the.faults,
        limits: { ...policy().limits, maxUnavailable: { unit: "percent", value: 100 }, minAgeMs: 0 },
      }),
    cluster: {
      snapshot: async () => the.cluster,
      lookAgain: async () => the.cluster,
      namespaces: async () => the.cluster.namespaces.map((one) => one.name),
      pod: async ({ name }) => pods().find((pod) => pod.name === name) ?? null,
      podsOf: async ({ name }) => pods().filter((pod) => pod.workload.name === name),
      mayI: async (questions) => questions.map(() => true),
    },
    injector: {
      async inject(order) {
        the.orders.push(order);
        if (the.injection instanceof Error) throw the.injection;
        return the.injection;
      },
      undo: async (order) => void the.undone.push(order),
      wasDone: async () => the.wasDone,
      sweep: async () => [],
    },
    lease: {
      hold: async () => (the.holdsLease ? { token: 1 } : null),
      noteIntent: async (_hold, intent) => void the.intents.push(intent),
      lastIntent: async () => noted(the.intents.at(-1)),
      intentOf: async (id) => {
        const last = noted(the.intents.at(-1));
        if (last?.experimentId === id) return last;
        return the.intents.some((one) => one.experimentId === id) ? "past" : null;
      },
      settleIntent: async (id, outcome) => void the.settled.set(id, outcome),
      release: async () => undefined,
    },
    halt: {
      read: async () => (the.halted ? { why: "incident", by: "somebody", atMs: 0 } : null),
      halt: async () => undefined,
      resume: async () => undefined,
    },
    metrics: {
      counts: (grid) => source(observed(the, grid)),
      history: (grid) => source(observed(the, grid)),
      edges: () => source(STORY_EDGES),
      recent: (atMs) => source(the.recent(atMs)),
      health: () => source({ blind: null, scrapeIntervalMs: 15_000, clockSkewMs: 0, services: 2 }),
    },
    judge: judgeHere,
    alerts: { firing: async () => [] },
    notifier: {
      async send(notice) {
        if (typeof the.delivery !== "string") throw the.delivery;
        the.notices.push(notice);
        return the.delivery;
      },
    },
  };
  const plan = experimentPlan(changes);
  await planExperiment(deps, plan);
  const signal = new AbortController().signal;
  const step = (id = plan.id) => advance(deps, id, signal);
  return {
    deps,
    clock,
    journal,
    step,
    kinds: async (id = plan.id) => (await journal.read(`experiment/${id}`)).map((entry) => entry.event.kind),
    async play(untilMs, id = plan.id) {
      for (let dueMs = await step(id); dueMs !== null && dueMs <= untilMs; dueMs = await step(id))
        clock.moveTo(Math.max(dueMs, clock.nowMs()));
    },
  };
}

/** The pod that was hit is gone, and another one took its place and is Ready since `readyMs`. */
export function replaced(the: World, readyMs: number): void {
  const hit = new Set(the.orders.flatMap((order) => order.target.pods.map((pod) => pod.uid)));
  const reborn = (pod: Pod): Pod =>
    hit.has(pod.uid)
      ? {
          ...pod,
          name: `${pod.name}-2`,
          uid: `${pod.uid}-2`,
          createdAtMs: readyMs - 3_000,
          readySinceMs: readyMs,
          lastStartedAtMs: readyMs,
        }
      : pod;
  the.cluster = { ...the.cluster, pods: the.cluster.pods.map(reborn) };
}
