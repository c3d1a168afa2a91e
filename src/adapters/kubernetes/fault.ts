import type { Fault } from "../../core/model/fault.ts";
import type { FaultInjector, InjectionOrder } from "../../ports/faults.ts";

/** One kind of fault: the port's methods without `sweep`, which looks for what is left behind of all kinds at once. */
export interface FaultHandler extends Omit<FaultInjector, "sweep"> {
  readonly kinds: readonly Fault["kind"][];
  /** What stands of this fault that is ours: swept when expired or without a live experiment. */
  readonly standing?: (signal: AbortSignal) => Promise<readonly Standing[]>;
}

/** A fault that stands in the cluster, as its own annotations say. */
export interface Standing {
  /** `node node-b is cordoned`: for the log. */
  readonly what: string;
  readonly experimentId: string;
  readonly expiresMs: number;
  undo(signal: AbortSignal): Promise<void>;
}

export type Undone = "done" | "not-done" | "cannot-tell";

/** Nothing stands after a pod fault: Kubernetes replaces the pod by itself. */
export const nothingToUndo = async (_order: InjectionOrder): Promise<void> => undefined;
