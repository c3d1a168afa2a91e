import type { ExperimentId } from "../core/model/experiment.ts";
import type { Fault, Target } from "../core/model/fault.ts";

export interface InjectionOrder {
  readonly experimentId: ExperimentId;
  readonly fault: Fault;
  readonly target: Target;
  /** A fault that is active longer than this is swept by any replica; ms since the epoch. */
  readonly expiresMs: number;
  /**
   * Asked right before each request that does damage: why it may not go out any more, or null.
   * Nothing is done then.
   */
  readonly whyNot?: () => string | null;
}

/** What the cluster did with the order. */
export type InjectionResult =
  | { readonly kind: "injected" }
  /**
   * Refused or pointless: budget, pod already replaced, someone else's change. Nothing was done.
   */
  | { readonly kind: "not-injected"; readonly why: string };

/** Does one fault. A dry run is another adapter. */
export interface FaultInjector {
  /**
   * Makes the API call with the pod's uid as precondition. Rejects only when it cannot tell whether
   * it happened.
   */
  inject(order: InjectionOrder, signal: AbortSignal): Promise<InjectionResult>;
  /**
   * Undoes an active fault (drain, VirtualService); harmless when there is none. `note` is told
   * what people should know besides: an edit of theirs that was kept.
   */
  undo(order: InjectionOrder, signal: AbortSignal, note?: (what: string) => void): Promise<void>;
  /** After a crash between intent and call: was it done? Never calls. */
  wasDone(order: InjectionOrder, signal: AbortSignal): Promise<"done" | "not-done" | "cannot-tell">;
  /**
   * Undoes what this installation did and has expired or has no live experiment, and what another
   * one left behind: `alive` knows only our own. Answers what was undone, a sentence each. `left`
   * is told what could not be undone or looked for.
   */
  sweep(
    nowMs: number,
    alive: (id: ExperimentId) => boolean,
    signal: AbortSignal,
    left?: (what: string) => void,
  ): Promise<readonly string[]>;
}
