import { KNOWN_AFTER_MS } from "../../core/judge/input/constants.ts";
import { validSteps } from "../../core/judge/input/masked.ts";
import type { ServiceId } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import { HOUR_MS, MINUTE_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { AccessQuestion, ClusterReader } from "../../ports/cluster.ts";
import type { HaltSwitch } from "../../ports/lease.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import { nameOf, type TeamBook } from "../policies/teams.ts";
import { describeRights } from "../preflight/rights.ts";
import type { Settings } from "../preflight/settings.ts";
import type { HistoryKeeper } from "../records/metrics-history.ts";
import type { Check } from "./check.ts";
import { detectorChecks, type ExamineDetectorDeps } from "./examine-detector.ts";
import { type ExamineLeaseDeps, leaseChecks } from "./examine-lease.ts";
import { targetChecks } from "./examine-targets.ts";

export interface ExamineDeps extends ExamineDetectorDeps, ExamineLeaseDeps {
  readonly clock: Clock;
  readonly metrics: MetricsSource;
  readonly cluster: ClusterReader;
  readonly halt: HaltSwitch;
  readonly history: HistoryKeeper;
  settings(): Settings;
  /** What is known of the policies of teams. */
  readonly teams: Pick<TeamBook, "now">;
  /** Everything that this configuration does in the cluster, as `aftershock rbac` prints it. */
  readonly rights: readonly AccessQuestion[];
  /** Problems of the storage. */
  storage(): Promise<readonly string[]>;
}

/** Looks at everything that an experiment needs, changes nothing, and never rejects. */
export async function examine(deps: ExamineDeps, signal: AbortSignal): Promise<readonly Check[]> {
  const looks: readonly [string, () => Promise<readonly Check[]>][] = [
    ["metrics source", () => metricsChecks(deps, signal)],
    ["traffic", () => trafficChecks(deps, signal)],
    ["history", () => historyChecks(deps, signal)],
    ["false alarms", () => detectorChecks(deps)],
    ["rights", () => rightsChecks(deps, signal)],
    ["targets", () => targetChecks(deps, signal)],
    ["policies of teams", async () => teamChecks(deps)],
    ["halt switch", () => haltChecks(deps, signal)],
    ["lease", () => leaseChecks(deps, signal)],
    ["storage", () => storageChecks(deps)],
  ];
  const checks: Check[] = [];
  for (const [what, look] of looks) {
    checks.push(...(await look().catch((cause: unknown) => [{ what, ok: false, says: describeError(cause) }])));
  }
  return checks;
}

/** Whether the metrics source can be believed now. */
export async function metricsChecks(
  { metrics }: Pick<ExamineDeps, "metrics">,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const what = "metrics source";
  const { blind, scrapeIntervalMs, clockSkewMs, services } = await metrics.health(signal);
  if (blind !== null) return [{ what, ok: false, says: blind }];
  const every = scrapeIntervalMs === null ? "an unknown interval" : `${scrapeIntervalMs / 1000} s`;
  const limits = (await metrics.inspect?.(signal)) ?? [];
  return [
    ...limits.map((one) => ({ what: "telemetry", ...one })),
    {
      what,
      ok: true,
      says: `${services} services, scraped every ${every}, clocks ${Math.round(Math.abs(clockSkewMs))} ms apart`,
    },
  ];
}

/** Whether services have traffic, without which nothing can be judged. */
export async function trafficChecks(
  { metrics, clock }: Pick<ExamineDeps, "metrics" | "clock">,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const nowMs = clock.nowMs();
  let recent = await metrics.recent(nowMs, 5 * MINUTE_MS, signal);
  let window = "in the last 5 minutes";
  if (recent.length === 0) {
    // proxies that are younger than the window say nothing about all of it
    recent = await metrics.recent(nowMs, MINUTE_MS, signal);
    window = "in the last minute; of 5 minutes nothing is known yet";
  }
  const idle = recent.filter((one) => one.requests === 0);
  const says = `${recent.length - idle.length} services had traffic ${window}`;
  if (idle.length === 0 && recent.length > 0) return [{ what: "traffic", ok: true, says }];
  const advice = "a service without traffic cannot be judged: `aftershock traffic` sends some";
  return [{ what: "traffic", ok: recent.length > idle.length, says: `${says}, ${idle.length} had none; ${advice}` }];
}

async function historyChecks(
  { history, clock, settings }: ExamineDeps,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const { stepMs } = settings().geometry;
  const known = await history.upTo(clock.nowMs(), stepMs, signal);
  if (known === null) {
    return [{ what: "history", ok: true, says: "none yet: verdicts are marked learning for the first 24 hours" }];
  }
  const waiting: { readonly service: ServiceId; readonly hours: number }[] = [];
  for (const one of known.services) {
    const steps = validSteps(one.valid);
    const hours = (KNOWN_AFTER_MS - steps * stepMs) / HOUR_MS;
    if (hours > 0) waiting.push({ service: one.service, hours });
  }
  const ready = known.services.length - waiting.length;
  const later = waiting
    .toSorted((a, b) => a.hours - b.hours)
    .slice(0, 5)
    .map((one) => `${one.service} in ${Math.ceil(one.hours)} h`);
  const rest =
    waiting.length === 0
      ? ""
      : `; learning: ${later.join(", ")}${waiting.length > 5 ? ` and ${waiting.length - 5} more` : ""}`;
  return [{ what: "history", ok: true, says: `${ready} services have a day of history and are ready to judge${rest}` }];
}

/** Whether the cluster grants what this configuration does. */
export async function rightsChecks(
  { cluster, rights }: Pick<ExamineDeps, "cluster" | "rights">,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const answers = await cluster.mayI(rights, signal);
  const missing = rights.filter((_, i) => answers[i] !== true);
  if (missing.length === 0) return [{ what: "rights", ok: true, says: `${rights.length} asked for, all granted` }];
  const says = `missing: ${describeRights(missing).join("; ")}. Grant what \`aftershock rbac\` prints`;
  return [{ what: "rights", ok: false, says }];
}

function teamChecks({ settings, teams }: ExamineDeps): readonly Check[] {
  const bounds = settings().teams;
  if (!bounds) return [];
  const { sound, refused, unread } = teams.now();
  const what = "policies of teams";
  const from = `${bounds.namespaces.length} namespace${bounds.namespaces.length === 1 ? "" : "s"}`;
  return [
    { what, ok: true, says: `${sound.length} followed, from ${from}` },
    ...unread.map(({ namespace, why }) => ({ what, ok: false, says: `those of ${namespace} cannot be read: ${why}` })),
    ...refused.map(({ text, why }) => ({ what, ok: false, says: `${nameOf(text)} is not followed: ${why}` })),
  ];
}

async function haltChecks({ halt }: ExamineDeps, signal: AbortSignal): Promise<readonly Check[]> {
  const stands = await halt.read(signal);
  if (stands === null) return [{ what: "halt switch", ok: true, says: "readable, not halted" }];
  return [
    { what: "halt switch", ok: false, says: `halted by ${stands.by}: ${stands.why}; \`aftershock resume\` lifts it` },
  ];
}

async function storageChecks({ storage }: ExamineDeps): Promise<readonly Check[]> {
  const problems = await storage();
  if (problems.length === 0) return [{ what: "storage", ok: true, says: "works" }];
  return problems.map((says) => ({ what: "storage", ok: false, says }));
}
