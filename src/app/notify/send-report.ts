import { settleRisks } from "../../core/diagnose/risks/find.ts";
import { withoutWithdrawn } from "../../core/diagnose/withdrawn.ts";
import { workloadKey } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import type { FindingEvent, JournalEntry } from "../../core/model/journal.ts";
import type { SettledRisk } from "../../core/model/risk.ts";
import { DAY_MS } from "../../core/model/units.ts";
import type { Week } from "../../core/model/weekly-report.ts";
import { OWNER_KEY } from "../../core/report/audience.ts";
import { weekAt, weekPlus } from "../../core/report/week.ts";
import type { InventoryLine, WeeklyInput } from "../../core/report/weekly/input.ts";
import { AUDIT_REACH_MS } from "../../core/report/weekly/self-audit.ts";
import { type WeeklyReport, weeklyNotice, weeklyReport } from "../../core/report/weekly.ts";
import { candidatesOf, LASTING_CHECKS, reasons } from "../../core/targeting/eligibility.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { LimitsReader } from "../../ports/routes.ts";
import { type RiskDeps, risksNow, riskTestOf } from "../diagnose/find-risks.ts";
import type { Settings } from "../preflight/settings.ts";
import { namespacesOf } from "../preflight/snapshot-around.ts";
import { slotsOf } from "../schedule/wake-ups.ts";
import { deliver, type NotifyDeps } from "./notify.ts";

/** How far back a workload's last hit is looked for. */
const LAST_HIT_REACH_MS = 365 * DAY_MS;

export interface ReportDeps extends NotifyDeps {
  readonly cluster: ClusterReader;
  /** Absent: nothing is known of the mesh's routes. */
  readonly limits?: LimitsReader;
}
/** What it takes to make a report, which takes less than to send one. */
export type WeekDeps = Pick<ReportDeps, "clock" | "log" | "journal" | "book" | "cluster" | "limits" | "settings"> &
  Partial<Pick<RiskDeps, "metrics" | "riskRules">>;

/** The report of the week that contains `atMs`, with the trend against the week before. */
export async function weeklyOf(deps: WeekDeps, atMs: number, signal: AbortSignal): Promise<WeeklyReport> {
  return reportOf(deps, weekAt(atMs, deps.settings().timezone), signal);
}

/** The report of any week. */
export async function reportOf(deps: WeekDeps, week: Week, signal: AbortSignal): Promise<WeeklyReport> {
  const inventory = await inventoryOf(deps, signal);
  const weekBefore = weekPlus(week, -1);
  const states = await deps.book.between(weekBefore.toMs - AUDIT_REACH_MS, week.toMs);
  const before = await oneWeek(deps, weekBefore, states, { inventory, risks: null }, null);
  // manifests are those of now: they say nothing of a week that is long over
  const risks = deps.clock.nowMs() < week.toMs + DAY_MS ? await risksOf(deps, states, signal) : null;
  return oneWeek(deps, week, states, { inventory, risks }, before.experiments.planned === 0 ? null : before);
}

/**
 * Risks as manifests are now, with what `states` say of them; null where they cannot be looked for.
 */
async function risksOf(
  { metrics, riskRules, ...deps }: WeekDeps,
  states: readonly ExperimentState[],
  signal: AbortSignal,
): Promise<readonly SettledRisk[] | null> {
  if (metrics === undefined || riskRules === undefined) return null;
  try {
    const found = await risksNow({ ...deps, metrics, riskRules }, signal);
    const written = await findingEntries(deps, deps.clock.nowMs() + DAY_MS);
    const findings = [...written.values()].flatMap((entries) => entries.at(-1)?.event ?? []);
    return settleRisks(found, states.map(riskTestOf), findings);
  } catch (cause) {
    deps.log.warn("risks cannot be looked for; the report says nothing of them", { why: describeError(cause) });
    return null;
  }
}

/** Sends the report of the week that has just ended. */
export async function sendReport(deps: ReportDeps, atMs: number, signal: AbortSignal): Promise<void> {
  const { timezone, dashboardUrl } = deps.settings();
  const week = weekPlus(weekAt(atMs, timezone), -1);
  const report = await reportOf(deps, week, signal);
  const link = dashboardUrl === null ? null : `${dashboardUrl}/reports/${week.id}`;
  const outcome = await deliver(deps, weeklyNotice(report, link), { recoveredMs: null, clearMs: atMs }, signal);
  if (typeof outcome !== "string") throw new Error("the weekly report could not be delivered yet");
}

/**
 * `states`: experiments of the week and of as long before as the detector is examined, oldest
 * first; later ones are left out.
 */
async function oneWeek(
  deps: WeekDeps,
  week: Week,
  states: readonly ExperimentState[],
  { inventory, risks }: Pick<WeeklyInput, "inventory"> & { readonly risks: readonly SettledRisk[] | null },
  previous: WeeklyReport | null,
): Promise<WeeklyReport> {
  const between = (fromMs: number, toMs: number) =>
    states.filter(({ plan }) => plan !== null && plan.slotMs >= fromMs && plan.slotMs < toMs);
  return weeklyReport({
    cluster: deps.settings().cluster,
    week,
    nowMs: deps.clock.nowMs(),
    experiments: between(week.fromMs, week.toMs),
    earlier: between(week.toMs - AUDIT_REACH_MS, week.fromMs),
    inventory,
    risks,
    lastHitMs: await deps.book.lastHits(week.fromMs - LAST_HIT_REACH_MS, week.fromMs),
    findings: await findingEntries(deps, week.toMs),
    previous,
    next: nextOf(deps.settings(), week),
  });
}

/** Slots of the week after `week`. */
function nextOf(settings: Settings, week: Week): WeeklyReport["next"] {
  const after = weekPlus(week, 1);
  const slots = slotsOf(settings, after.fromMs, after.toMs);
  const policies = [...new Set(slots.map(({ policy }) => policy))];
  return { slots: slots.length, shams: slots.filter(({ sham }) => sham).length, policies };
}

/**
 * Entries of every finding before `untilMs`, by fingerprint, oldest first; what was withdrawn is
 * left out.
 */
export async function findingEntries({ journal }: Pick<ReportDeps, "journal">, untilMs: number) {
  const findings = new Map<string, readonly JournalEntry<FindingEvent>[]>();
  for (const stream of await journal.list("finding", 0, untilMs)) {
    const entries = (await journal.read(stream)).filter(
      (entry) => entry.atMs < untilMs,
    ) as JournalEntry<FindingEvent>[];
    const said = withoutWithdrawn(entries, (entry) => entry.event);
    if (said.length > 0) findings.set(stream.split("/")[1] ?? stream, said);
  }
  return findings;
}

/**
 * Workloads of all policies with the lasting reasons against hitting them; null when the cluster
 * cannot be read.
 */
async function inventoryOf(deps: WeekDeps, signal: AbortSignal): Promise<readonly InventoryLine[] | null> {
  const { policies, protectedNamespaces } = deps.settings();
  const lines = new Map<string, InventoryLine>();
  try {
    for (const policy of policies) {
      const namespaces = await namespacesOf(deps.cluster, policy.target.namespaces, [], signal);
      const snapshot = await deps.cluster.snapshot(namespaces, signal);
      for (const candidate of candidatesOf(snapshot, policy, { past: [], protectedNamespaces })) {
        const { kind, namespace, name, annotations, labels } = candidate.workload;
        const owner = annotations[OWNER_KEY] ?? labels[OWNER_KEY] ?? null;
        const whyNot = reasons(LASTING_CHECKS, candidate);
        const key = workloadKey(candidate.workload);
        const known = lines.get(key);
        if (known === undefined || known.whyNot.length > 0)
          lines.set(key, { workload: { kind, namespace, name }, whyNot, owner });
      }
    }
  } catch (cause) {
    deps.log.warn("the cluster cannot be read; the report says nothing of what was never tested", {
      why: describeError(cause),
    });
    return null;
  }
  return [...lines.values()];
}
