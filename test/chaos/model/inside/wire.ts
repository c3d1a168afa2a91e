/**
 * In the place of `src/main/wire.ts`: the same use cases and Kubernetes adapters, on a simulated
 * storage, mesh and network.
 */
import { connect } from "../../../../src/adapters/kubernetes/client/client.ts";
import { kubernetesInjector } from "../../../../src/adapters/kubernetes/faults/injector.ts";
import { kubernetesLease } from "../../../../src/adapters/kubernetes/lease/lease.ts";
import { readHalt } from "../../../../src/adapters/kubernetes/lease/lease-notes.ts";
import type { LeaseObject } from "../../../../src/adapters/kubernetes/lease/lease-object.ts";
import { kubernetesReader } from "../../../../src/adapters/kubernetes/read/reader.ts";
import { followingClock } from "../../../../src/adapters/system/clock.ts";
import { judgeHere } from "../../../../src/adapters/system/judge/here.ts";
import { teamBook } from "../../../../src/app/policies/teams.ts";
import type { Settings } from "../../../../src/app/preflight/settings.ts";
import type { Listener } from "../../../../src/app/records/append-event.ts";
import { archiveIn } from "../../../../src/app/records/archive.ts";
import { bookOf } from "../../../../src/app/records/experiment-reader.ts";
import type { WorkDeps } from "../../../../src/app/worker/work.ts";
import { DEFAULT_MINIMUM_EFFECT, type Policy, WEEKDAYS } from "../../../../src/core/model/policy.ts";
import { DAY_MS, SECOND_MS } from "../../../../src/core/model/units.ts";
import { narrowed } from "../../../../src/core/targeting/narrow.ts";
import { sweepScope } from "../../../../src/main/setup/sweep-scope.ts";
import type { Log } from "../../../../src/ports/log.ts";
import { environment } from "./environment.ts";
import { alerts, metrics } from "./metrics.ts";
import { forExperiment } from "./raw.ts";
import { cache, journal, openQueue } from "./storage.ts";

export const LEASE_DURATION_MS = 30 * SECOND_MS;
const RELEASE_TIMEOUT_MS = 3 * SECOND_MS;
const AT = { namespace: "aftershock", name: "aftershock" };
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

const { faults, names, shamShare, seed, perDay, lateAfterMs, openDamageMax, freezes } = environment.settings;

const POLICY: Policy = {
  name: "chaos",
  mode: "inject",
  schedule: {
    timezone: "UTC",
    shamShare,
    when: { kind: "windows", windows: [{ days: WEEKDAYS, fromMinute: 9 * 60, toMinute: 10 * 60 }], perDay },
  },
  target: { namespaces: ["go-app"], kinds: ["Deployment"], labels: [], excludeLabels: [], names },
  faults: faults.map((fault) => ({ fault, weight: 1 })),
  limits: {
    perDay: 1_000,
    cooldownMs: 0,
    maxUnavailable: { unit: "percent", value: 100 },
    singleReplica: "allow",
    minAgeMs: 0,
  },
};

const SETTINGS: Settings = {
  cluster: "chaos",
  mode: "inject",
  policies: [POLICY],
  calendar: { timezone: "UTC", freezes: freezes.map((one) => ({ ...one, why: "freeze" })), holidays: [] },
  seed,
  geometry: { stepMs: 15_000, beforeMs: 300_000, earlyMs: 60_000, graceMs: 30_000, lateMs: 60_000 },
  minimumEffect: DEFAULT_MINIMUM_EFFECT,
  effects: [],
  historyMs: 0,
  abort: null,
  protectedNamespaces: ["kube-*"],
  dependencies: [],
  limits: { lateAfterMs, degradedShare: 0.05, degradedFailures: 5, degradedWindowMs: 60_000, openDamageMax },
  alerts: "",
  timezone: "UTC",
  dashboardUrl: null,
};

/** The cluster without storage: what `aftershock halt` needs. */
export async function openCluster() {
  const following = followingClock();
  const client = connect({ heard: following.heard });
  const lease = kubernetesLease(
    client,
    { ...AT, identity: environment.identity, durationMs: LEASE_DURATION_MS },
    following,
  );
  return { clock: following, client, lease, at: AT, log: silent, [Symbol.asyncDispose]: async () => undefined };
}

/** @param parts as of the real one: who is told of each event */
export async function wire(_options: unknown, _io: unknown, parts: { readonly tell?: Listener } = {}) {
  const cluster = await openCluster();
  const { clock, client, lease } = cluster;
  const reader = kubernetesReader(client, clock);
  const settings = () => SETTINGS;
  const injector = kubernetesInjector(client, clock, silent, {
    ...sweepScope(reader, settings),
    installation: "aftershock/chaos",
  });
  const queue = openQueue();
  const deps: WorkDeps = {
    clock,
    log: silent,
    journal,
    queue,
    cluster: reader,
    lease,
    halt: lease,
    haltWatch: {
      follow: (seen, signal) =>
        environment.followLease((object) => seen(readHalt(object as LeaseObject | null)), signal),
    },
    podWatch: {
      follow: (_namespaces, _lost, signal) => environment.followLease(() => undefined, signal),
    },
    metrics,
    judge: judgeHere,
    alerts,
    rules: [],
    riskRules: [],
    injector: {
      ...injector,
      inject: (order, signal) => forExperiment.run(order.experimentId, () => injector.inject(order, signal)),
    },
    notifier: { send: async () => "sent" },
    book: bookOf(journal),
    archive: archiveIn(cache, silent),
    history: { upTo: async () => null, refresh: async () => undefined },
    tell: (id, event, state) => parts.tell?.(id, event, state),
    settings,
    teams: teamBook(
      () => null,
      () => ({ kind: "refused", why: "no teams" }),
    ),
    policyTexts: { look: async () => ({ texts: [] }), follow: async () => undefined, refuse: async () => undefined },
    cache,
    retention: () => ({ seenMs: 30 * DAY_MS, detailsMs: 30 * DAY_MS, journalMs: 400 * DAY_MS }),
    reportSchedule: () => null,
    policyOf: (plan) => (plan.only === undefined ? POLICY : narrowed(POLICY, plan.only, ["kube-*"])),
  };
  return {
    deps,
    client,
    config: { teams: null },
    [Symbol.asyncDispose]: async () => {
      await lease.release(AbortSignal.timeout(RELEASE_TIMEOUT_MS)).catch(() => undefined);
    },
  };
}

export type Wired = Awaited<ReturnType<typeof wire>>;
export type Cluster = Awaited<ReturnType<typeof openCluster>>;
