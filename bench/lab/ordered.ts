import { setTimeout as sleep } from "node:timers/promises";
import { aftershock, kubectl } from "./program.ts";
import type { Scenario } from "./scenarios.ts";
import { type Ended, printed, type Told } from "./told.ts";
import { type Lane, type LaneDeps, targetOf } from "./turn.ts";

/** Open damage is looked at so often, and so long after its cause is gone. */
export const LOOK_EVERY_MS = 30_000;
export const GIVE_UP_MS = 12 * 60_000;

/** One fault or sham of `run`, and what cures its damage. */
export async function runOrdered(lane: Lane, index: number, config: string, deps: LaneDeps): Promise<Ended> {
  const { scenario, target } = targetOf(lane, index);
  const startedMs = Date.now();
  const ran = await aftershock([
    "run",
    "--policy",
    "lab",
    "--once",
    "--json",
    "--config",
    config,
    // a drain is about all workloads of a node, and --target narrows the policy to one
    ...(scenario?.fault === "node-drain" ? [] : ["--target", `${lane.namespace}/${target}`]),
    ...(scenario === null ? ["--sham"] : ["--fault", scenario.fault]),
  ]);
  const endedMs = Date.now();
  const told = printed<{ readonly experiments: readonly Told[] }>(ran)?.experiments[0] ?? {};
  const causeGoneMs = scenario === null ? null : await cure(lane, scenario, told);
  const isOpen = ran.exitCode === 1;
  const closedMs = isOpen ? await closed(config, told.id, causeGoneMs ?? endedMs) : null;
  return {
    startedMs,
    endedMs,
    exitCode: ran.exitCode,
    told,
    problem: told.headline == null ? JSON.stringify(told.refusal ?? ran.err.slice(-2_000)) : null,
    causeGoneMs,
    open: isOpen ? { closedMs } : null,
    experiments: 1,
    messages: deps.mailbox.about(told.id ?? ""),
  };
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
