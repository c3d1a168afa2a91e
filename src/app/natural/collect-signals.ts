import type { SeenSignal } from "../../core/experiment/node-loss.ts";
import type { Pod } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import { MINUTE_MS, SECOND_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { TellLoss } from "../../ports/pod-watch.ts";

/**
 * Pods of one node are noticed one after the other: they are looked at together after this time.
 */
const SETTLE_MS = 15 * SECOND_MS;
/**
 * Pods become unready for many reasons, and only a lost node makes a loss of it: the nodes are
 * asked this rarely for that.
 */
const UNREADY_MS = MINUTE_MS;
/**
 * A storm of more than this is looked at in part: it becomes one experiment a node, or one in all.
 */
const MAX_KEPT = 2_000;

export interface SignalCollector {
  readonly add: TellLoss;
  /** Resolves when nothing is being looked at. */
  idle(): Promise<void>;
}

/** What was noticed within a few seconds. */
export interface Noticed {
  readonly signals: readonly SeenSignal[];
  /** Every pod that was followed, as it was before the first of them. */
  readonly known: readonly Pod[];
}

/**
 * Hands on in one piece what was noticed within a few seconds. What `look` rejects with is logged.
 */
export function collectSignals(
  { clock, log }: { readonly clock: Clock; readonly log: Log },
  look: (noticed: Noticed) => Promise<void>,
  signal: AbortSignal,
): SignalCollector {
  let kept: SeenSignal[] = [];
  let known: readonly Pod[] = [];
  let dropped = 0;
  let looking: Promise<void> | null = null;

  async function lookAtAll(): Promise<void> {
    try {
      while (kept.length > 0) {
        await clock.sleep(SETTLE_MS, signal);
        if (kept.every((one) => one.what === "unready")) await clock.sleep(UNREADY_MS - SETTLE_MS, signal);
        await lookAt(take());
      }
    } catch {
      kept = []; // only a sleep that is cut off rejects: nobody looks any more
    } finally {
      looking = null; // in the same turn in which nothing was left, so that no later signal finds nobody
    }
  }

  function take(): Noticed {
    const signals = kept;
    if (dropped > 0) log.warn("more pods were lost at once than are looked at", { looked: signals.length, dropped });
    kept = [];
    dropped = 0;
    return { signals, known };
  }

  async function lookAt(noticed: Noticed): Promise<void> {
    await look(noticed).catch((cause: unknown) => {
      if (!signal.aborted)
        log.warn("lost pods were not looked at", { pods: noticed.signals.length, why: describeError(cause) });
    });
  }

  return {
    add(one, knownBefore) {
      if (signal.aborted) return;
      if (kept.length === 0) known = knownBefore();
      if (kept.length >= MAX_KEPT) dropped += 1;
      else kept.push({ ...one, atMs: clock.nowMs() });
      looking ??= lookAtAll();
    },
    async idle() {
      await looking;
    },
  };
}
