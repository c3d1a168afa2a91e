import { lookThrough, type Seen } from "../../app/diagnose/find-risks.ts";
import { findingEntries, reportOf, type WeekDeps } from "../../app/notify/send-report.ts";
import type { Archive } from "../../app/records/archive.ts";
import { slotsOf } from "../../app/schedule/wake-ups.ts";
import { handlingOf } from "../../core/diagnose/handling.ts";
import { settleRisks } from "../../core/diagnose/risks/find.ts";
import type { RiskRule } from "../../core/diagnose/risks/rule.ts";
import { replay } from "../../core/experiment/life.ts";
import { EVIDENCE_REACH_MS, suspectsOf } from "../../core/experiment/suspects.ts";
import { describeError, hasCode } from "../../core/model/error.ts";
import type { ExperimentEvent } from "../../core/model/experiment.ts";
import { experimentStream, type JournalEntry } from "../../core/model/journal.ts";
import type { Risk } from "../../core/model/risk.ts";
import { DAY_MS, MINUTE_MS } from "../../core/model/units.ts";
import type { FindingLine, WeeklyReport } from "../../core/model/weekly-report.ts";
import { serviceCalls } from "../../core/observe/service-calls.ts";
import { weekAt, weekNamed, weekPlus } from "../../core/report/week.ts";
import { confidenceOf } from "../../core/report/weekly/suspects.ts";
import { alertText } from "../../core/text/event.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { Journal } from "../../ports/journal.ts";
import type { HaltSwitch } from "../../ports/lease.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import type { LimitsReader } from "../../ports/routes.ts";
import type { KnownRisks, WebData, WebStatus } from "../../views/data.ts";
import type { ListedExperiment } from "../../views/lists/listed.ts";
import { version } from "../version.ts";
import type { WorkerFacts } from "./facts.ts";
import { lineBook } from "./line-book.ts";
import { remembered, unhurried } from "./remembered.ts";

const SLOT_REACH_MS = 7 * DAY_MS;
/** Reports reach back this many weeks. */
const LISTED_WEEKS = 52;
/** A page waits this long for the cluster or the metrics source, real ms. */
const PATIENCE_MS = 3_000;

/**
 * Every page asks for the status: the cluster and the metrics source are asked at most this often,
 * real ms.
 */
const STATUS_KEPT_MS = 2_000;
/**
 * Reports list the workloads of every policy, which are dozens of requests to the API server: at
 * most this often, real ms.
 */
const WORKLOADS_KEPT_MS = 30_000;
/** Risks come from manifests, which change rarely: looked for at most this often, real ms. */
const RISKS_KEPT_MS = 5 * MINUTE_MS;
/** Many lists and a day of the call graph, real ms. */
const RISKS_PATIENCE_MS = 15_000;

/** What pages are made of. */
export interface WebSource {
  readonly deps: Pick<WeekDeps, "clock" | "log" | "book" | "cluster"> & {
    readonly riskRules: readonly RiskRule[];
    readonly journal: Journal;
    readonly archive: Pick<Archive, "observation" | "bands" | "edges" | "snapshot">;
    readonly halt: Pick<HaltSwitch, "read">;
    readonly metrics: Pick<MetricsSource, "health" | "edges">;
    /** Absent: nothing is known of the mesh's routes. */
    readonly limits?: LimitsReader;
  };
  /** What the worker alone knows; rejects when it does not answer. */
  facts(): Promise<WorkerFacts>;
}

/** What the dashboard shows, read from the journal. */
export function webData({ deps, facts }: WebSource): WebData {
  const inTime = () => AbortSignal.timeout(PATIENCE_MS);
  const statuses = remembered<WebStatus>(STATUS_KEPT_MS, () => performance.now());
  const cluster = unhurried(deps.cluster, WORKLOADS_KEPT_MS);
  const lines = lineBook(deps.book, deps.clock);
  const findings = whileSame(lines, () => findingLines(deps));
  const seen = remembered<Seen>(RISKS_KEPT_MS, () => performance.now());
  const looked = () => seen("", async () => lookedThrough(deps, cluster, await facts()));
  const generation = generations();
  const reports = remembered<WeeklyReport | null>(WORKLOADS_KEPT_MS, () => performance.now());
  return {
    status: () => statuses("", async () => statusOf(deps, await facts(), inTime())),
    lines,
    states: (ids) => deps.book.some(ids),
    async experiment(id) {
      const entries = (await deps.journal.read(experimentStream(id))) as readonly JournalEntry<ExperimentEvent>[];
      if (entries.length === 0) return null;
      const state = replay(entries.map((entry) => entry.event));
      const [observation, bands, edges, before] = await Promise.all([
        deps.archive.observation(id),
        deps.archive.bands(id),
        deps.archive.edges(id),
        deps.archive.snapshot(id, "before"),
      ]);
      return { state, entries, observation, bands, calls: serviceCalls(edges, before) };
    },
    findings,
    risks: () => settledRisks({ findings, lines, found: async () => (await looked()).risks }),
    calls: () =>
      looked().then(
        ({ calls }) => ({ calls, unread: null }),
        (cause: unknown) => ({ calls: [], unread: describeError(cause) }),
      ),
    async report(week) {
      const { settings } = await facts();
      const reading = { ...deps, cluster, settings: () => settings };
      const key = `${week} ${generation(await lines())}`;
      return reports(key, async () => {
        try {
          return await reportOf(reading, weekNamed(week, settings.timezone), inTime());
        } catch (cause) {
          if (hasCode(cause, "usage")) return null;
          throw cause;
        }
      });
    },
    async weeks() {
      const now = weekAt(deps.clock.nowMs(), (await facts()).settings.timezone);
      const times = (await lines()).map(({ atMs }) => atMs);
      const past = Array.from({ length: LISTED_WEEKS }, (_, i) => weekPlus(now, -1 - i));
      return [now, ...past.filter(({ fromMs, toMs }) => times.some((atMs) => fromMs <= atMs && atMs < toMs))].map(
        ({ id }) => id,
      );
    },
    async nextSlots(limit) {
      const nowMs = deps.clock.nowMs();
      const slots = slotsOf((await facts()).settings, nowMs, nowMs + SLOT_REACH_MS).slice(0, limit);
      return slots.map((slot) => ({ atMs: slot.slotMs, policy: slot.policy, sham: slot.sham }));
    },
    async whyNotReady() {
      return facts().then(({ notReady }) => notReady, describeError);
    },
    async whyNotAlive() {
      return facts().then(() => null, describeError);
    },
    metrics: async () => (await facts()).metrics,
  };
}

/** Manifests of all policies' namespaces, read and looked through. */
async function lookedThrough(
  deps: WebSource["deps"],
  cluster: ClusterReader,
  { settings }: WorkerFacts,
): Promise<Seen> {
  const reading = { ...deps, cluster, settings: () => settings };
  return lookThrough(reading, AbortSignal.timeout(RISKS_PATIENCE_MS));
}

async function settledRisks(of: {
  found(): Promise<readonly Risk[]>;
  lines(): Promise<readonly ListedExperiment[]>;
  findings(): Promise<readonly FindingLine[]>;
}): Promise<KnownRisks> {
  try {
    const [found, lines, findings] = await Promise.all([of.found(), of.lines(), of.findings()]);
    const tests = lines.map((line) => (line.kind === "sham" ? { ...line, fault: null } : line));
    return { risks: settleRisks(found, tests, findings), unread: null };
  } catch (cause) {
    return { risks: [], unread: describeError(cause) };
  }
}

/** A number for each object that was seen: equal for the same one. */
function generations(): (object: object) => number {
  const seen = new WeakMap<object, number>();
  let last = 0;
  return (object) => {
    const known = seen.get(object) ?? ++last;
    seen.set(object, known);
    return known;
  };
}

/** What `make` gave last, for as long as `source` gives the same object. */
function whileSame<T>(source: () => Promise<object>, make: () => Promise<T>): () => Promise<T> {
  let kept: { readonly of: object; readonly made: Promise<T> } | null = null;
  return async () => {
    const of = await source();
    if (kept?.of !== of) {
      const fresh = { of, made: make() };
      kept = fresh;
      fresh.made.catch(() => {
        if (kept === fresh) kept = null;
      });
    }
    return kept.made;
  };
}

async function statusOf(
  deps: WebSource["deps"],
  { settings, notFollowed }: WorkerFacts,
  signal: AbortSignal,
): Promise<WebStatus> {
  const { mode, policies, timezone, cluster, links = [] } = settings;
  const [halt, blind] = await Promise.all([
    deps.halt.read(signal).then(
      (stands) => (stands === null ? ({ kind: "none" } as const) : ({ kind: "halted", ...stands } as const)),
      (cause: unknown) => ({ kind: "unknown", why: describeError(cause) }) as const,
    ),
    deps.metrics.health(signal).then(
      (health) => health.blind,
      (cause: unknown) => describeError(cause),
    ),
  ]);
  return {
    cluster,
    version: version(),
    mode,
    policies: policies.map((policy) => ({ name: policy.name, mode: policy.mode })),
    notFollowed,
    alerts: await earlyAlerts(deps.book),
    halt,
    links,
    blind,
    timezone,
    nowMs: deps.clock.nowMs(),
  };
}

/** Alerts of experiments that have no verdict yet. */
async function earlyAlerts(book: WebSource["deps"]["book"]): Promise<NonNullable<WebStatus["alerts"]>> {
  const open = await book.open().catch(() => []);
  return open.flatMap(({ plan, alert, judgement }) =>
    plan === null || alert === null || judgement !== null ? [] : [{ id: plan.id, text: alertText(alert.services) }],
  );
}

async function findingLines(deps: WebSource["deps"]): Promise<readonly FindingLine[]> {
  const known = await findingEntries(deps, deps.clock.nowMs() + DAY_MS);
  const nowMs = deps.clock.nowMs();
  const suspects = suspectsOf(await deps.book.between(nowMs - EVIDENCE_REACH_MS, nowMs + DAY_MS));
  const lines: FindingLine[] = [];
  for (const [fingerprint, entries] of known) {
    const handling = handlingOf(
      entries.map(({ event }) => event),
      nowMs,
    );
    const last = entries.at(-1)?.event;
    const lastSeen = entries.findLast((entry) => entry.event.kind === "seen")?.event;
    if (last === undefined || lastSeen === undefined) continue;
    const state = await deps.book.experiment(lastSeen.experimentId);
    const finding = state.findings.find((one) => one.fingerprint === fingerprint) ?? null;
    const seenIn = entries.map((entry) => entry.event.experimentId);
    lines.push({
      fingerprint,
      status: last.status,
      weakness: last.weakness,
      workload: last.workload,
      ...(lastSeen.title === undefined ? {} : { title: lastSeen.title }),
      finding,
      experimentId: lastSeen.experimentId,
      seen: entries.filter((entry) => entry.event.kind === "seen").length,
      firstSeenMs: entries[0]?.atMs ?? 0,
      ...(handling === null ? {} : { handling }),
      ...(handling?.owner == null ? {} : { owner: handling.owner.name }),
      confidence: confidenceOf(seenIn, finding?.service ?? null, suspects),
    });
  }
  return lines;
}
