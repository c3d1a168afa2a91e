import { lookThrough, type Seen } from "../../app/diagnose/find-risks.ts";
import { reportOf, type WeekDeps } from "../../app/notify/send-report.ts";
import type { Archive } from "../../app/records/archive.ts";
import { slotsOf } from "../../app/schedule/wake-ups.ts";
import { settleRisks } from "../../core/diagnose/risks/find.ts";
import type { RiskRule } from "../../core/diagnose/risks/rule.ts";
import { replay } from "../../core/experiment/life.ts";
import { describeError, hasCode } from "../../core/model/error.ts";
import type { ExperimentEvent } from "../../core/model/experiment.ts";
import { experimentStream, type JournalEntry } from "../../core/model/journal.ts";
import type { Risk } from "../../core/model/risk.ts";
import { DAY_MS, MINUTE_MS } from "../../core/model/units.ts";
import type { FindingLine, WeeklyReport } from "../../core/model/weekly-report.ts";
import { serviceCalls } from "../../core/observe/service-calls.ts";
import { weekAt, weekNamed, weekPlus } from "../../core/report/week.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { Journal } from "../../ports/journal.ts";
import type { HaltSwitch } from "../../ports/lease.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import type { LimitsReader } from "../../ports/routes.ts";
import type { KnownRisks, WebData, WebStatus } from "../../views/data.ts";
import type { ListedExperiment } from "../../views/lists/listed.ts";
import type { WorkerFacts } from "./facts.ts";
import { findingLines } from "./finding-lines.ts";
import { lineBook } from "./line-book.ts";
import { generations, remembered, unhurried, whileSame } from "./remembered.ts";
import { statusOf } from "./status.ts";

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
