import type { PodSignal } from "../core/experiment/loss.ts";

/** Follows the pods of some namespaces. */
export interface PodWatch {
  /**
   * Calls `lost` for each pod that served and ended, began again, or is not Ready any more, whoever
   * did it, until `signal` aborts; then resolves. Never rejects.
   */
  follow(namespaces: readonly string[], lost: (loss: PodSignal) => void, signal: AbortSignal): Promise<void>;
}
