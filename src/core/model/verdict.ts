import type { Interval } from "../stats/interval.ts";
import type { ServiceId } from "./cluster.ts";
import type { Window } from "./units.ts";

/**
 * Per service: failures among requests, slow among successful ones, fewer requests, and for
 * TCP-only services failed connections.
 */
export type Signal = "failures" | "latency" | "rate" | "connections";

/** Why nothing can be said. `detail` on the verdict says what would help. */
export type InconclusiveReason =
  | "no-traffic"
  | "no-data"
  | "insufficient"
  /** It changed by more than the minimum effect, but not by more than chance may do. */
  | "unclear"
  | "confounded"
  | "cut-short"
  | "by-itself"
  /** Nobody saw that the fault acted. */
  | "fault-not-seen";

/**
 * What a signal did, in the words of docs/glossary.md. `recoveredAfterMs` counts from the
 * injection.
 */
export type Verdict =
  | { readonly kind: "steady" }
  | { readonly kind: "transient" | "slow-recovery"; readonly recoveredAfterMs: Interval }
  | { readonly kind: "persistent" | "unresolved" }
  | { readonly kind: "inconclusive"; readonly why: InconclusiveReason; readonly detail: string };
export type VerdictKind = Verdict["kind"];

/** Bounds between which a quantile lies, ms; null: there is no bound above it. */
export interface Bracket {
  readonly fromMs: number;
  readonly toMs: number | null;
}

/** Median and p99 before and after. */
export type Quantiles = Readonly<Record<"median" | "p99", { readonly before: Bracket; readonly after: Bracket }>>;

/** How much worse. */
export interface Effect {
  /**
   * `share`: failures or failed connections among all, or answers slower than `boundMs`, 0…1.
   * `ratio`: after ÷ before (request rate, a quantile of latency; slow answers in older journals).
   */
  readonly unit: "share" | "ratio";
  readonly before: number;
  /** Over the strongest stretch after the injection. */
  readonly after: number;
  /** `after − before` for shares, `after ÷ before` for ratios. */
  readonly change: Interval;
  /**
   * Failures, slow requests or missing requests beyond what was expected, over the whole time after
   * the injection.
   */
  readonly excess: number;
  /** For latency: the bucket bound in ms whose exceedance changed most, else null. */
  readonly boundMs: number | null;
  /** When `after` was counted; absent in older journals. */
  readonly over?: Window;
  /** Of latency: where median and p99 lay, as far as the bounds tell; absent in older journals. */
  readonly quantiles?: Quantiles;
  /** Of a share: the largest that a stretch of five steps had before; absent in older journals. */
  readonly most?: number;
}

export interface SignalVerdict {
  readonly service: ServiceId;
  readonly signal: Signal;
  readonly verdict: Verdict;
  /** Normal-equivalent deviate that ranks services; null where nothing was tested. */
  readonly z: number | null;
  /** One-sided p of the test, before multiplicity; null where nothing was tested. */
  readonly p: number | null;
  readonly effect: Effect | null;
  /** First moment of the effect, ms since the epoch, with its interval. */
  readonly onsetMs: Interval | null;
  /**
   * Smallest change that would have been found (same unit as `effect.change`'s distance from no
   * change), for what was not found. Of a rate that is still being learnt: smallest fall that lasts
   * for all of the time after.
   */
  readonly minimumDetectable: number | null;
  /** Decided without a day of history of its own. */
  readonly learning: boolean;
  /** Not worse by itself: its callers stopped calling. */
  readonly starved: boolean;
  /** Requests counted before and after the injection. */
  readonly requests: { readonly before: number; readonly after: number };
  /**
   * Share of the instants that could have been drawn at which it looked as bad (judge.md §2.6);
   * absent until the final look, null when it cannot be told.
   */
  readonly designP?: number | null;
  /**
   * Persistent over the late window, but on its way back, or only just back, at its end. Absent:
   * not so.
   */
  readonly comingBack?: boolean;
}

/**
 * What the final look says of one verdict: how often it would have looked as bad at the instants
 * that were not drawn.
 */
export interface DesignCheck {
  readonly service: ServiceId;
  readonly signal: Signal;
  /** Null when it cannot be told. */
  readonly p: number | null;
  /** Instants that could be compared. */
  readonly candidates: number;
  /** The verdict does not stand. */
  readonly vetoed: boolean;
}

/** Callers that tried again more often after an injection than before. */
export interface Retried {
  /** `proxy`: tries that arrived for each request; `caller`: requests sent for each received. */
  readonly by: "proxy" | "caller";
  /** `namespace/name` of the workloads that did. */
  readonly callers: readonly string[];
  /** What they called. */
  readonly service: ServiceId;
  readonly before: number;
  readonly after: number;
}

/** How long the slowest hundredth of a service's answers took at least, after an injection. */
export interface Waited {
  readonly service: ServiceId;
  readonly atLeastMs: number;
}

/**
 * Requests to a service that broke off, by when: while pods of it ended, and at all other times.
 */
export interface BrokenOff {
  readonly service: ServiceId;
  readonly ending: number;
  readonly otherwise: number;
}

/** The judge's answer for one experiment or past window. */
export interface Judgement {
  readonly verdicts: readonly SignalVerdict[];
  /** The service in which it began (judge.md §2.17), or null when nothing degraded. */
  readonly origin: ServiceId | null;
  /**
   * Worst verdict over the services concerned (target, callers, direct callees): decides headline
   * and exit code.
   */
  readonly headline: VerdictKind;
  /**
   * The target's services, their callers and direct callees; others may get worse at the same time
   * by themselves. Absent: not known.
   */
  readonly concerned?: readonly ServiceId[];
  readonly learning: boolean;
  /** Absent: nobody did, or it could not be read. */
  readonly retried?: readonly Retried[];
  /** Of services that got slower, where more than one did. Absent: not read. */
  readonly waited?: readonly Waited[];
  /**
   * Of services of a pod that was asked to go, where a burst of failures followed. Absent: not
   * read.
   */
  readonly resets?: readonly BrokenOff[];
  /**
   * What limits this judgement: blind spots, late replacement, fallback of the reporter … one
   * sentence each.
   */
  readonly notes: readonly string[];
  /** Requests that were made to the metrics source to judge. */
  readonly sourceRequests: number;
}

/** From worst to best: the order that decides a headline (design.md §6). */
export const VERDICTS_WORST_FIRST = ["persistent", "unresolved", "slow-recovery", "transient", "steady"] as const;

/** A verdict that says something got worse. */
export function isDegraded(kind: VerdictKind): boolean {
  return kind !== "steady" && kind !== "inconclusive";
}

/** The worst of `kinds`; `inconclusive` only if nothing could be judged. */
export function worstVerdict(kinds: readonly VerdictKind[]): VerdictKind {
  return VERDICTS_WORST_FIRST.find((kind) => kinds.includes(kind)) ?? "inconclusive";
}
