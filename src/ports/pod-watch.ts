import type { PodLoss } from "../core/experiment/loss.ts";

/** Follows the pods of some namespaces. */
export interface PodWatch {
  /** Calls `lost` for each pod that served and ended, or began again, whoever did it, until `signal` aborts; then resolves. Never rejects. */
  follow(namespaces: readonly string[], lost: (loss: PodLoss) => void, signal: AbortSignal): Promise<void>;
}
