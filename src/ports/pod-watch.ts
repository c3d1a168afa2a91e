import type { PodSignal } from "../core/experiment/loss.ts";
import type { Pod } from "../core/model/cluster.ts";

/**
 * Takes one loss. `known` answers every pod that was followed, as it was before this one was lost;
 * ask it at once or never.
 */
export type TellLoss = (loss: PodSignal, known: () => readonly Pod[]) => void;

/** Follows the pods of some namespaces. */
export interface PodWatch {
  /**
   * Calls `lost` for each pod that served and ended, began again, or is not Ready any more, whoever
   * did it, until `signal` aborts; then resolves. Never rejects.
   */
  follow(namespaces: readonly string[], lost: TellLoss, signal: AbortSignal): Promise<void>;
}
