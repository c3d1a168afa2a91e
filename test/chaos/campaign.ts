import { HOUR_MS } from "../../src/core/model/units.ts";
import type { WorkerBundle } from "./bundle.ts";
import { TROUBLES } from "./fake-cluster.ts";
import type { Mishap, Wire } from "./fate.ts";
import { Arena, type Store } from "./harness.ts";
import type { Tally } from "./tally.ts";
import { TRIALS, type Trial } from "./trials.ts";
import { WIRE_TROUBLES } from "./wire.ts";

/** Every so many kills the clock of the next worker is an hour ahead, or behind. */
const JUMP_EVERY = 9;
/** … and the worker that goes on is killed, too, at one of its first points. */
const AGAIN_EVERY = 3;
const AGAIN_POINTS = 7;
/** Every so many troubles on the wire break all wires at once. */
const NETWORK_EVERY = 5;
/** A silence takes as long as the worker's longest time-out: one for each fault is enough. */
const BRIEF = WIRE_TROUBLES.filter((what) => what !== "silence");

export interface Campaign {
  /** Names; all, when left out. */
  readonly faults?: readonly string[];
  /** Of all points every so many is a kill; 1: each. */
  readonly every: number;
  /** Of all places for a trouble every so many meets one; 0: none. */
  readonly troubleEvery: number;
  /** Told after each fault's part, with the numbers so far. */
  readonly progress?: (fault: string) => void;
}

/**
 * Kills a worker at the points of the life of every fault's experiment; then lets requests be late,
 * twice, wrong or missing, and breaks connections; then lets replicas compete. Whatever was done to
 * one worker, the next one has to put right.
 */
export async function fight(
  bundle: WorkerBundle,
  store: Store,
  tally: Tally,
  campaign: Campaign,
  signal: AbortSignal,
): Promise<void> {
  await using arena = await Arena.open(bundle, store, tally, signal);
  const chosen = TRIALS.filter(({ name }) => campaign.faults?.includes(name) ?? true);
  for (const [i, trial] of chosen.entries()) {
    const points = await arena.points(trial);
    // every fault meets other points, so that a sample sees all of them
    await killAtPoints(arena, trial, points, campaign.every, i % campaign.every);
    if (campaign.troubleEvery > 0) {
      await troubleCalls(arena, trial);
      await troubleWires(arena, trial, points, store.remote, campaign.troubleEvery, i);
      await compete(arena, trial, points);
    }
    campaign.progress?.(trial.name);
  }
  await arena.live(null, { killAt: null });
}

async function killAtPoints(
  arena: Arena,
  trial: Trial,
  points: readonly string[],
  every: number,
  offset: number,
): Promise<void> {
  let kills = 0;
  for (let killAt = 1 + offset; killAt <= points.length; killAt += every) {
    kills += 1;
    const jumpMs = (kills % (2 * JUMP_EVERY) < JUMP_EVERY ? 1 : -1) * HOUR_MS;
    await arena.live(trial, { killAt, ...(kills % JUMP_EVERY === 0 ? { jumpMs } : {}) });
    if (kills % AGAIN_EVERY === 0) {
      await arena.live(null, { killAt: 1 + ((kills / AGAIN_EVERY) % AGAIN_POINTS), fromStart: true });
    }
  }
}

/** The one request that counts goes wrong. */
async function troubleCalls(arena: Arena, trial: Trial): Promise<void> {
  if (trial.sham) return;
  for (const what of TROUBLES) await arena.live(trial, { killAt: null, mishap: { where: "call", what } });
}

/** At each point from which a request goes out, its wire is spoiled, in turn in each way. */
async function troubleWires(
  arena: Arena,
  trial: Trial,
  points: readonly string[],
  remote: boolean,
  every: number,
  turn: number,
): Promise<void> {
  let met = turn;
  for (const [i, point] of points.entries()) {
    const own = wireOf(point);
    if (own === null || (own === "storage" && !remote) || (i + turn) % every !== 0) continue;
    met += 1;
    const what = BRIEF[met % BRIEF.length] ?? "cut";
    const where = met % NETWORK_EVERY === 0 ? "network" : own;
    const at = i + 1;
    // every other time that a trouble comes round, the worker is killed a few points later
    const killAt = Math.floor(met / BRIEF.length) % 2 === turn % 2 ? at + 1 + (met % 4) : null;
    await arena.live(trial, { killAt, mishap: { where, what, at } });
  }
  const injecting = points.indexOf("before injector.inject");
  const silent: Mishap = { where: remote ? "storage" : "api", what: "silence", at: injecting + 1 };
  if (injecting >= 0) await arena.live(trial, { killAt: null, mishap: silent });
}

/** Where the request of a point goes; null: the point is behind the wire, or nothing is asked. */
function wireOf(point: string): Wire | null {
  const [, port] = /^before (\w+)\./.exec(point) ?? [];
  if (port === undefined) return null;
  if (port === "journal") return "storage";
  return port === "metrics" ? "metrics" : "api";
}

/** Two and three replicas want the same slot; one of them is killed on its way. */
async function compete(arena: Arena, trial: Trial, points: readonly string[]): Promise<void> {
  for (const replicas of [2, 3]) {
    await arena.contest(trial, { killAt: null, replicas });
    for (const share of [0.3, 0.5, 0.7]) {
      await arena.contest(trial, { killAt: Math.round(points.length * share), replicas });
    }
  }
}
