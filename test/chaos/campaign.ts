import type { Fault } from "../../src/core/model/fault.ts";
import { HOUR_MS } from "../../src/core/model/units.ts";
import type { WorkerBundle } from "./bundle.ts";
import type { Trouble } from "./fake-cluster.ts";
import { Arena, FAULTS, type Tally } from "./harness.ts";

const TROUBLES: readonly Trouble[] = ["hang", "cut", "twice", "late", "error", "steal-lease"];
/** Every so many kills the clock of the next worker is an hour ahead, or behind. */
const JUMP_EVERY = 9;
/** … and the worker that goes on is killed, too. */
const AGAIN_EVERY = 3;

export interface Campaign {
  /** All, when left out. */
  readonly faults?: readonly Fault[];
  /** Of all points every so many is a kill; 1: each. */
  readonly every: number;
  /** First point, so that several samples meet different ones. */
  readonly offset: number;
  /** Told after each fault's part, with the numbers so far. */
  readonly progress?: (fault: string) => void;
  /** Whether several processes can share this storage. */
  readonly shared: boolean;
}

/** Kills a worker at every point of the life of every fault's experiment, then lets answers be late, twice, wrong or missing, then replicas compete. */
export async function fight(bundle: WorkerBundle, storage: string, tally: Tally, campaign: Campaign): Promise<void> {
  await using arena = await Arena.open(bundle, storage, tally);
  let kills = 0;
  for (const fault of campaign.faults ?? FAULTS) {
    const points = await arena.points(fault);
    for (let killAt = 1 + campaign.offset; killAt <= points; killAt += campaign.every) {
      kills += 1;
      const jumpMs = (kills % (2 * JUMP_EVERY) < JUMP_EVERY ? 1 : -1) * HOUR_MS;
      await arena.live(fault, { killAt, ...(kills % JUMP_EVERY === 0 ? { jumpMs } : {}) });
      if (kills % AGAIN_EVERY === 0) await arena.live(null, { killAt: 1 + (kills % 5), fromStart: true });
    }
    if (campaign.every === 1) {
      for (const trouble of TROUBLES) await arena.live(fault, { killAt: null, trouble });
      if (campaign.shared) for (const replicas of [2, 3]) await arena.contest(fault, replicas);
    }
    campaign.progress?.(fault.kind);
  }
  await arena.live(null, { killAt: null });
}
