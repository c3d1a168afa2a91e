import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { workloadsOf } from "./apps.ts";
import type { Load } from "./load.ts";
import { runOrdered } from "./ordered.ts";
import { losePower } from "./power.ts";
import type { LabRecord } from "./record.ts";
import type { Scenario } from "./scenarios.ts";
import type { Ended } from "./told.ts";
import { type Lane, type LaneDeps, targetOf } from "./turn.ts";
import { configuration } from "./windows.ts";

/** Runs until `untilMs`; what has begun by then is finished. */
export async function runLane(lane: Lane, deps: LaneDeps, untilMs: number): Promise<void> {
  await sleep(lane.delayS * 1_000);
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

function configOf(lane: Lane, index: number, isNew: boolean, { folder, prometheusUrl, mailbox }: LaneDeps): string {
  const { name, namespace, mesh } = lane;
  const turn = index % lane.windows.length;
  const file = join(folder, `${name}-${turn}.yaml`);
  const storage = join(folder, isNew ? `storage-${name}-${index}` : `storage-${name}`);
  const drains = mesh === "together-on-a-node" ? workloadsOf(mesh) : null;
  const windows = lane.windows[turn]!;
  const secretFile = join(folder, "webhook-secret");
  writeFileSync(secretFile, "signs what goes to ourselves\n");
  const messages = { url: mailbox.url, secretFile };
  writeFileSync(file, configuration({ name, namespace, windows, prometheusUrl, storage, drains, messages }));
  return file;
}

async function runOne(lane: Lane, index: number, deps: LaneDeps): Promise<LabRecord> {
  const { scenario } = targetOf(lane, index);
  const isNatural = scenario?.fault === "node-power-off";
  const config = configOf(lane, index, isNatural, deps);
  const ended = await (isNatural ? losePower : runOrdered)(lane, index, config, deps);
  return recordOf(lane, index, ended, deps.load);
}

/** The scenario as it came out: the draw of a drain may have spared its target. */
function scenarioOf(lane: Lane, index: number, { told }: Ended): Pick<Scenario, "name" | "failures"> | null {
  const { scenario, target } = targetOf(lane, index);
  if (scenario?.otherwise === undefined || told.pods === undefined) return scenario;
  return told.pods.some(({ name }) => name.startsWith(`${target}-`)) ? scenario : scenario.otherwise;
}

function recordOf(lane: Lane, index: number, ended: Ended, load: Load): LabRecord {
  const scenario = scenarioOf(lane, index, ended);
  const { told, ...rest } = ended;
  return {
    lane: lane.name,
    stepS: lane.windows[index % lane.windows.length]!.stepS,
    scenario: scenario?.name ?? "sham",
    sham: scenario === null,
    ...rest,
    loaded: load.shareOf(ended.startedMs, ended.endedMs),
    outcome: told.outcome ?? null,
    says: told.says ?? null,
    headline: told.headline ?? null,
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
  };
}
