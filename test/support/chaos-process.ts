/**
 * A worker of the crash harness: `node chaos-process.ts TASK`. Goes on with what is open, then
 * plays one experiment; asks the harness at every point of its life.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../../src/adapters/kubernetes/client/client.ts";
import { kubernetesInjector } from "../../src/adapters/kubernetes/faults/injector.ts";
import { kubernetesLease } from "../../src/adapters/kubernetes/lease/lease.ts";
import { kubernetesReader } from "../../src/adapters/kubernetes/read/reader.ts";
import { loadSignals } from "../../src/adapters/prometheus/signals/signals.ts";
import { prometheusSource } from "../../src/adapters/prometheus/source.ts";
import type { StorageParts } from "../../src/adapters/storage/parts.ts";
import { judgeHere } from "../../src/adapters/system/judge/here.ts";
import { type AdvanceDeps, advance } from "../../src/app/experiment/advance.ts";
import { planExperiment } from "../../src/app/experiment/plan.ts";
import { DEFAULT_GATE_LIMITS } from "../../src/app/preflight/facts.ts";
import { archiveIn } from "../../src/app/records/archive.ts";
import { bookOf } from "../../src/app/records/experiment-reader.ts";
import { sweep } from "../../src/app/worker/sweep.ts";
import { describeError } from "../../src/core/model/error.ts";
import { DEFAULT_MINIMUM_EFFECT, type Policy } from "../../src/core/model/policy.ts";
import type { Grid, Observation } from "../../src/core/model/series.ts";
import { DAY_MS } from "../../src/core/model/units.ts";
import { OPEN_CALENDAR } from "../../src/core/schedule/calendar.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { Log } from "../../src/ports/log.ts";
import type { MetricsSource } from "../../src/ports/metrics.ts";
import type { Found, Message, Task } from "../chaos/protocol.ts";

const task = JSON.parse(process.argv[2] ?? "") as Task;
const SERVICES = ["go-app/repeater", "go-app/go-app"];
const never = new AbortController().signal;

const say = (message: Message): boolean => process.send?.(message) ?? false;
process.on("disconnect", () => process.exit(1)); // nobody is left to answer
let nowMs = task.nowMs;
const clock: Clock = {
  nowMs: () => nowMs,
  monotonicMs: () => nowMs,
  realMs: () => performance.now(),
  sleep: async (ms) => {
    nowMs += ms;
  },
};

/** Tells the harness where we are and waits until it lets us go on. */
async function point(name: string): Promise<void> {
  const answer = once(process, "message");
  say({ kind: "point", name, nowMs });
  await answer;
}

let turn: Promise<unknown> = Promise.resolve();
/** Points come one after the other, also where calls run side by side. */
const inTurn = (name: string): Promise<void> => {
  const mine = turn.then(() => point(name));
  turn = mine;
  return mine;
};

/** The same object, asking before and after each call of `methods`. */
function watched<T extends object>(name: string, port: T, methods: readonly (keyof T & string)[]): T {
  const wrapped = Object.fromEntries(
    methods.map((method) => [
      method,
      async (...args: unknown[]) => {
        await inTurn(`before ${name}.${method}`);
        const answer: unknown = await (port[method] as (...args: unknown[]) => Promise<unknown>).apply(port, args);
        await inTurn(`after ${name}.${method}`);
        return answer;
      },
    ]),
  );
  return Object.assign(Object.create(port) as T, wrapped);
}

async function openStorage(log: Log): Promise<StorageParts> {
  const scheme = task.storage.split(":")[0];
  if (scheme === "redis") {
    return (await import("../../src/adapters/storage/redis/open.ts")).openRedis(task.storage, task.cluster, log);
  }
  if (scheme === "postgres") {
    return (await import("../../src/adapters/storage/sql/postgres.ts")).openPostgres(task.storage, task.cluster, log);
  }
  const { openEmbedded } = await import("../../src/adapters/storage/sqlite/open.ts");
  return openEmbedded(task.storage.slice("embedded:".length), task.cluster, true);
}

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

const REQUESTS = 600;

/** Steady traffic, whatever is done; half of it fails while there is damage. */
function counts(grid: Grid): Observation {
  const fails = (i: number): boolean => {
    const atMs = grid.startMs + i * grid.stepMs;
    return task.damage.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  };
  const services = SERVICES.map((service) => ({
    service,
    reporter: "source" as const,
    requests: new Float64Array(grid.steps).fill(REQUESTS),
    failures: Float64Array.from({ length: grid.steps }, (_, i) => (fails(i) ? REQUESTS / 2 : 0)),
    latency: null,
    connections: null,
    valid: new Uint8Array(grid.steps).fill(1),
    flags: {},
  }));
  return { grid, services, sourceRequests: 1, notes: [] };
}

const POLICY: Policy = {
  name: "chaos",
  mode: "inject",
  schedule: { timezone: "UTC", shamShare: 0, when: { kind: "cron", cron: "* * * * *", jitterMs: 0 } },
  target: { namespaces: ["go-app"], kinds: ["Deployment"], labels: [], excludeLabels: [], names: task.names },
  faults: [{ fault: task.fault, weight: 1 }],
  limits: {
    perDay: 1_000_000,
    cooldownMs: 0,
    maxUnavailable: { unit: "percent", value: 100 },
    singleReplica: "allow",
    minAgeMs: 0,
  },
};

function realSource(url: string): MetricsSource {
  const signals = loadSignals(readFileSync("rules/signals/istio.yaml", "utf8"));
  return prometheusSource({ url, timeoutMs: task.apiTimeoutMs, signals, clock, log });
}

function depsOn(storage: StorageParts): AdvanceDeps {
  const client = connect({ kubeconfig: task.kubeconfig, timeoutMs: task.apiTimeoutMs });
  const at = { namespace: "aftershock", name: "aftershock", identity: `worker-${process.pid}`, durationMs: 30_000 };
  const lease = kubernetesLease(client, at, clock);
  const journal = watched("journal", storage.journal, ["append"]);
  const cluster = watched("cluster", kubernetesReader(client, clock), ["snapshot", "podsOf", "mayI"]);
  const injector = kubernetesInjector(client, clock, log, {
    namespaces: async () => ["go-app"],
    installation: "aftershock/chaos",
  });
  const made: MetricsSource = {
    counts: async (grid: Grid) => counts(grid),
    history: async (grid: Grid) => counts(grid),
    edges: async () => [],
    recent: async () => SERVICES.map((service) => ({ service, requests: 3_000, failures: 0 })),
    health: async () => ({ blind: null, scrapeIntervalMs: 15_000, clockSkewMs: 0, services: 2 }),
  };
  const metrics = task.prometheus === null ? made : realSource(task.prometheus);
  return {
    clock,
    log,
    journal,
    cluster,
    book: bookOf(journal),
    archive: archiveIn(storage.cache, log),
    history: { upTo: async () => null, refresh: async () => undefined },
    tell: () => undefined,
    rules: [],
    riskRules: [],
    judge: judgeHere,
    injector: watched("injector", injector, ["inject", "undo", "wasDone", "sweep"]),
    lease: watched("lease", lease, ["hold", "noteIntent"]),
    halt: watched("halt", lease, ["read"]),
    metrics: watched("metrics", metrics, ["counts", "edges", "recent", "health"]),
    alerts: { firing: async () => [] },
    notifier: { send: async () => "sent" },
    policyOf: () => POLICY,
    settings: () => ({
      cluster: task.cluster,
      mode: "inject",
      policies: [POLICY],
      calendar: OPEN_CALENDAR,
      seed: 1,
      geometry: { stepMs: 60_000, beforeMs: 600_000, earlyMs: 60_000, graceMs: 60_000, lateMs: 60_000 },
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
  };
}

/**
 * A storage or an API server that is away is asked again after this, ms of real time and of the
 * clock.
 */
const AGAIN_REAL_MS = 25;
const AGAIN_MS = 1_000;

/** What fails is tried again, as the queue does. */
async function untilDone<T>(task: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await task();
    } catch (cause) {
      log.warn("tried again", { why: describeError(cause) });
      nowMs += AGAIN_MS;
      await sleep(AGAIN_REAL_MS);
    }
  }
}

/**
 * A replica that jumped ahead of one whose call is under way would look for its outcome too early:
 * no call takes so long.
 */
async function mayMove(): Promise<void> {
  const answer = once(process, "message");
  say({ kind: "move", nowMs });
  await answer;
}

/** Advances until it has ended, moving the clock to each time that is asked for. */
async function play(deps: AdvanceDeps, id: string): Promise<void> {
  const untilMs = nowMs + 2 * DAY_MS;
  while (nowMs < untilMs) {
    const dueMs = await untilDone(() => advance(deps, id, never));
    if (dueMs === null) return;
    if (task.competes) await mayMove();
    nowMs = Math.max(dueMs, nowMs + 1);
  }
}

async function found(storage: StorageParts, ids: readonly string[]): Promise<Found[]> {
  const book = bookOf(storage.journal);
  return untilDone(() =>
    Promise.all(
      ids.map(async (id) => ({
        id,
        entries: await storage.journal.read(`experiment/${id}`),
        state: await book.experiment(id),
      })),
    ),
  );
}

const LEASE_SILENCE_MS = 30_000;
const storage = await openStorage(log);
const deps = depsOn(storage);
// a killed worker left the lease held: a worker that starts looks at it, and has seen its silence
// when the first slot comes
await untilDone(() => deps.lease.lastIntent(never));
nowMs += LEASE_SILENCE_MS;
const sweepAll = () => untilDone(() => sweep(deps, never));
await sweepAll();
for (const state of await untilDone(() => deps.book.open())) if (state.plan !== null) await play(deps, state.plan.id);
await sweepAll();
say({ kind: "recovered", found: await found(storage, task.recover), nowMs });
const { plan } = task;
if (plan !== null) {
  nowMs = Math.max(nowMs, plan.slotMs);
  await untilDone(() => planExperiment(deps, plan));
  await play(deps, plan.id);
}
say({ kind: "done", found: await found(storage, plan === null ? [] : [plan.id]), nowMs });
await storage.close().catch(() => undefined);
process.exit(0);
