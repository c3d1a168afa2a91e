import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Mesh, type Scenario, workloadsOf } from "./apps.ts";
import type { Load } from "./load.ts";
import { aftershock, kubectl, type Ran } from "./program.ts";
import type { LabRecord, ToldVerdict } from "./record.ts";
import { configuration, type LabWindows } from "./windows.ts";

/** One installation: it runs one experiment after the other in one namespace. */
export interface Lane {
  readonly name: string;
  readonly mesh: Mesh;
  readonly namespace: string;
  /** In turn, one an experiment. */
  readonly windows: readonly LabWindows[];
  /** In turn, too; null: a lane of shams. */
  readonly scenarios: readonly Scenario[] | null;
}

export interface LaneDeps {
  readonly folder: string;
  readonly prometheusUrl: string;
  readonly load: Load;
  /** Experiments that this lane did in earlier runs of the campaign. */
  readonly done: number;
  keep(record: LabRecord): void;
}

/** Open damage is looked at so often, and so long after its cause is gone. */
const LOOK_EVERY_MS = 30_000;
const GIVE_UP_MS = 12 * 60_000;

/** Runs until `untilMs`; what has begun by then is finished. */
export async function runLane(lane: Lane, deps: LaneDeps, untilMs: number): Promise<void> {
  for (let i = deps.done; ; i++) {
    const windows = lane.windows[i % lane.windows.length]!;
    const restMs = (windows.beforeS + 2 * windows.stepS) * 1_000;
    // shams follow each other at once: nothing happened that the next one could see
    if (lane.scenarios !== null || i === deps.done) await sleep(restMs);
    if (Date.now() >= untilMs) return;
    try {
      deps.keep(await runOne(lane, i, deps));
    } catch (cause) {
      // a cluster that did not answer once ends no campaign of hours
      console.error(`${lane.name}: ${cause instanceof Error ? cause.message : String(cause)}`);
      await sleep(restMs);
    }
  }
}

function configOf({ name, namespace }: Lane, windows: LabWindows, { folder, prometheusUrl }: LaneDeps): string {
  const file = join(folder, `${name}-${windows.stepS}s.yaml`);
  const storage = join(folder, `storage-${name}`);
  writeFileSync(file, configuration({ name, namespace, windows, prometheusUrl, storage }));
  return file;
}

interface Told {
  readonly id?: string;
  readonly outcome?: string | null;
  readonly says?: string | null;
  readonly headline?: string | null;
  readonly verdicts?: readonly ToldVerdict[];
  readonly findings?: readonly { readonly title: string }[];
  readonly refusal?: unknown;
  readonly clear?: string | null;
}

async function runOne(lane: Lane, index: number, deps: LaneDeps): Promise<LabRecord> {
  const windows = lane.windows[index % lane.windows.length]!;
  const config = configOf(lane, windows, deps);
  const workloads = workloadsOf(lane.mesh);
  const scenario = lane.scenarios === null ? null : lane.scenarios[index % lane.scenarios.length]!;
  const target = scenario?.target ?? workloads[index % workloads.length]!;
  const startedMs = Date.now();
  const ran = await aftershock([
    "run",
    "--policy",
    "lab",
    "--once",
    "--json",
    "--config",
    config,
    "--target",
    `${lane.namespace}/${target}`,
    ...(scenario === null ? ["--sham"] : ["--fault", scenario.fault]),
  ]);
  const endedMs = Date.now();
  const told = toldBy(ran);
  const causeGoneMs = scenario === null ? null : await cure(lane, scenario, told);
  const isOpen = ran.exitCode === 1;
  const closedMs = isOpen ? await closed(config, told.id, causeGoneMs ?? endedMs) : null;
  return {
    lane: lane.name,
    stepS: windows.stepS,
    scenario: scenario?.name ?? "sham",
    sham: scenario === null,
    startedMs,
    endedMs,
    loaded: deps.load.shareOf(startedMs, endedMs),
    exitCode: ran.exitCode,
    outcome: told.outcome ?? null,
    says: told.says ?? null,
    headline: told.headline ?? null,
    problem: told.headline == null ? JSON.stringify(told.refusal ?? ran.err.slice(-2_000)) : null,
    verdicts: (told.verdicts ?? []).map(({ service, signal, verdict, why, z, p, effect }) => ({
      service,
      signal,
      verdict,
      why,
      z,
      p,
      effect,
    })),
    findings: (told.findings ?? []).map(({ title }) => title),
    truth: Object.fromEntries(
      Object.entries(scenario?.failures ?? {}).map(([service, truth]) => [`${lane.namespace}/${service}`, truth]),
    ),
    causeGoneMs,
    open: isOpen ? { closedMs } : null,
  };
}

function toldBy({ out }: Ran): Told {
  try {
    return (JSON.parse(out) as { readonly experiments: readonly Told[] }).experiments[0] ?? {};
  } catch {
    return {};
  }
}

/** Does what helps, where something is needed, and says since when the cause is gone. */
async function cure({ namespace }: Lane, { cure: deployment }: Scenario, { clear }: Told): Promise<number> {
  if (deployment !== undefined) {
    await kubectl(["-n", namespace, "rollout", "restart", "deployment", deployment]);
    await kubectl(["-n", namespace, "rollout", "status", "deployment", deployment, "--timeout=180s"]);
    return Date.now();
  }
  return clear == null ? Date.now() : Date.parse(clear);
}

/**
 * Follows the damage until it is told to be over; null when it is still open long after its cause
 * is gone. It is closed by hand then, so that the lane can go on.
 */
async function closed(config: string, id: string | undefined, causeGoneMs: number): Promise<number | null> {
  while (Date.now() < causeGoneMs + GIVE_UP_MS) {
    await sleep(LOOK_EVERY_MS);
    const { exitCode } = await aftershock(["follow-up", "--config", config]);
    if (exitCode === 0) return Date.now();
  }
  if (id !== undefined) await aftershock(["close", id, "the campaign goes on", "--config", config]);
  return null;
}
