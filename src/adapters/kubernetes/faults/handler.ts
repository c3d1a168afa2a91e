import { AftershockError } from "../../../core/model/error.ts";
import type { FaultKind } from "../../../core/model/fault.ts";
import { SECOND_MS } from "../../../core/model/units.ts";
import type { InjectionOrder, InjectionResult } from "../../../ports/faults.ts";
import type { MarkedOrder, Marks } from "./marks.ts";

/**
 * One kind of fault: the port's methods without `sweep`, which looks for what is left of all kinds
 * at once.
 */
export interface FaultHandler {
  readonly kinds: readonly FaultKind[];
  inject(order: MarkedOrder, signal: AbortSignal): Promise<InjectionResult>;
  undo(order: MarkedOrder, signal: AbortSignal, note?: (what: string) => void): Promise<void>;
  wasDone(order: MarkedOrder, signal: AbortSignal): Promise<"done" | "not-done" | "cannot-tell">;
  /**
   * What stands of this fault and carries our marks, whoever's experiment it was. Absent where
   * nothing can stand.
   */
  readonly standing?: (signal: AbortSignal) => Promise<readonly Standing[]>;
}

/** A fault that stands in the cluster, as its own annotations say. */
export interface Standing extends Marks {
  /** `cordon of node node-b`: for the log. */
  readonly what: string;
  undo(signal: AbortSignal, note?: (what: string) => void): Promise<void>;
}

/** Nothing stands after a pod fault: Kubernetes replaces the pod by itself. */
export const nothingToUndo = async (_order: InjectionOrder): Promise<void> => undefined;

/** Longest time that a fault which came to nothing takes to clean up after itself, ms. */
const CLEAN_UP_MS = 5 * SECOND_MS;

/** For what must be taken back although the time of the call, or the caller, is gone. */
export const cleanUpSignal = (): AbortSignal => AbortSignal.timeout(CLEAN_UP_MS);

/** The node of a node fault. Without it the order was planned wrong, and nothing is done. */
export function neededNode({ fault, target }: InjectionOrder): string {
  if (target.node !== null) return target.node;
  throw new AftershockError("usage", `${fault.kind} needs a node`);
}
