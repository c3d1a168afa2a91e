import type { NaturalKind, ServiceId } from "./cluster.ts";
import type { Fault, FaultKind, LostPods, Target } from "./fault.ts";
import type { Finding } from "./finding.ts";
import type { MinuteScores } from "./minutes.ts";
import type { AbortRule, Geometry, MinimumEffect, ServiceEffect } from "./policy.ts";
import type { DesignCheck, Judgement, SignalVerdict } from "./verdict.ts";

/**
 * The schedule slot's id, so that two replicas plan one experiment: `<policy>-<slot in UTC,
 * 20260306T091500Z>`.
 */
export type ExperimentId = string;

/** What a running experiment keeps from the configuration that it began with. */
export interface ExperimentPlan {
  readonly id: ExperimentId;
  readonly policy: string;
  readonly slotMs: number;
  /** After the slot by more than this, the experiment is missed. */
  readonly lateAfterMs: number;
  /** Seed of every random choice in this experiment, recorded so that it can be replayed. */
  readonly seed: number;
  readonly sham: boolean;
  /** Planned by a person (`run --once`), not by the schedule. */
  readonly manual: boolean;
  /**
   * What that person asked for of what the policy allows: whoever takes the experiment up is bound
   * by it.
   */
  readonly only?: {
    readonly workload?: { readonly namespace: string; readonly name: string };
    readonly fault?: FaultKind;
  };
  /** Number of instants among which the slot was drawn (design-based p, judge.md §2.6). */
  readonly candidates: { readonly fromMs: number; readonly toMs: number; readonly count: number };
  readonly geometry: Geometry;
  readonly minimumEffect: MinimumEffect;
  /** Minimum effects of single services or namespaces; the first that fits counts. */
  readonly effects: readonly ServiceEffect[];
  /** Present when nothing was injected by us: the pod was lost by itself. */
  readonly natural?: NaturalCause;
  /** When it is stopped while its fault stands; null or absent: never. */
  readonly abort?: AbortRule | null;
}

/** What happened by itself, and to whom. */
export interface NaturalCause {
  readonly what: NaturalKind;
  readonly t0Ms: number;
  readonly choice: Choice;
  /** Of a lost node, and of several pods lost at once: what each workload lost. */
  readonly lost?: readonly LostPods[];
  /** Nodes that were lost at once; absent: one, the target's, or none. */
  readonly nodes?: readonly string[];
  /** Pods were lost at once, not all of them in the same way: `what` is the way of most. */
  readonly mixed?: boolean;
}

/** How the target was found, for `explain`. */
export interface Choice {
  readonly target: Target;
  readonly fault: Fault;
  readonly eligible: number;
  readonly ineligible: number;
  /** Where in `eligible` the seed pointed: service → workload → pod. */
  readonly drawn: string;
  /** Present when an earlier experiment is made again. */
  readonly confirms?: Confirmation;
}

/**
 * Which experiment is repeated, and why: it is to confirm what that one suspects, or that one was
 * confounded.
 */
export interface Confirmation {
  readonly of: ExperimentId;
  readonly why: "suspected" | "confounded";
}

export type ExperimentEvent =
  | { readonly kind: "planned"; readonly plan: ExperimentPlan }
  | { readonly kind: "chosen"; readonly choice: Choice }
  /** A gate said no, or nothing was eligible: nothing was done. */
  | { readonly kind: "refused"; readonly gate: string; readonly why: string }
  /** The slot passed while nobody was there; never made up for. */
  | { readonly kind: "missed"; readonly why: string }
  /** Written before the API call; whoever comes later finds it and never calls again. */
  | { readonly kind: "intended"; readonly t0Ms: number }
  /**
   * An intent that stands on the lease and that the journal had lost: it is settled like any other.
   */
  | { readonly kind: "restored"; readonly t0Ms: number; readonly choice: Choice }
  /**
   * Somebody watched the intent for so long, and its call may still be under way. No two stretches
   * overlap: each is written on top of the last.
   */
  | { readonly kind: "awaited"; readonly ms: number }
  | { readonly kind: "injected"; readonly t0Ms: number }
  /** A natural experiment: it happened without us. */
  | { readonly kind: "happened"; readonly t0Ms: number; readonly choice: Choice }
  /** A sham's pretended injection. */
  | { readonly kind: "pretended"; readonly t0Ms: number }
  | { readonly kind: "not-injected"; readonly why: string }
  /** The call was cut off; the pod is gone or terminating. Observed like any other. */
  | { readonly kind: "injected-unsure"; readonly t0Ms: number; readonly why: string }
  /** Services fail far beyond chance before there is a verdict: told once, at once. */
  | { readonly kind: "alerted"; readonly atMs: number; readonly services: readonly AlertedService[] }
  /** The early alert was sent (or given up): its key, with how that ended. */
  | { readonly kind: "alert-told"; readonly news: string }
  | { readonly kind: "aborted"; readonly why: string }
  | {
      readonly kind: "undone";
      readonly atMs: number;
      /** What else people should know of it: somebody's edit that was kept, tries that failed. */
      readonly notes?: readonly string[];
    }
  /** A fault could not be taken back, so often in all; it is tried again. */
  | { readonly kind: "undo-failed"; readonly tries: number; readonly why: string }
  /** t_clear of design.md §6. */
  | {
      readonly kind: "cleared";
      readonly clearMs: number;
      readonly how: "replaced" | "undone" | "uncordoned" | "drawn" | "late";
      /** What was still not whole, when it is late and can be told. */
      readonly why?: string;
    }
  /** At its end it was not settled whether damage stays: it is observed until `toMs`. */
  | {
      readonly kind: "extended";
      readonly toMs: number;
      readonly why: string;
      /** What was found to be worse until now. */
      readonly found: readonly FoundSignal[];
      /** Requests that this look made to the metrics source. */
      readonly sourceRequests: number;
    }
  /**
   * While it was extended something was changed from outside that may have mended it: it is judged
   * as it was at its planned end.
   */
  | { readonly kind: "curtailed"; readonly why: string }
  | {
      readonly kind: "judged";
      readonly judgement: Judgement;
      readonly provisional: boolean;
      /** What its minutes scored is kept whatever the verdict; absent: no. */
      readonly compared?: boolean;
    }
  | { readonly kind: "diagnosed"; readonly findings: readonly Finding[] }
  | { readonly kind: "notified"; readonly news: readonly string[] }
  /**
   * The last look, when all minutes that could have been drawn are over: what it withdrew, which
   * findings stand, and what was told of it.
   */
  | {
      readonly kind: "finalised";
      readonly checks: readonly DesignCheck[];
      /** Absent in older journals, and where nothing was to be kept. */
      readonly minutes?: readonly MinuteScores[];
      readonly findings: readonly Finding[];
      readonly news: readonly string[];
    }
  /** A look at open damage that still found it; the next one is due at `nextMs`. */
  | {
      readonly kind: "still-down";
      readonly services: readonly ServiceId[];
      readonly nextMs: number;
      /** Key of the reminder that was sent with this look, or null. */
      readonly reminder: string | null;
    }
  | {
      readonly kind: "recovered";
      readonly recoveredMs: number;
      readonly afterMs: number;
      readonly cure: string | null;
      /** Requests that failed beyond expectation since the fault; absent: not counted. */
      readonly failed?: number;
    }
  | { readonly kind: "recovery-notified" }
  | { readonly kind: "closed"; readonly why: string; readonly by: string }
  | { readonly kind: "cancelled"; readonly why: string; readonly by: string };

/** One signal of one service, found to be worse. */
export type FoundSignal = Pick<SignalVerdict, "service" | "signal">;

/**
 * A service that fails before there is a verdict: share of requests, 0…1, since the fault and
 * before it.
 */
export interface AlertedService {
  readonly service: ServiceId;
  readonly share: number;
  readonly before: number;
  readonly failures: number;
  readonly requests: number;
}

/** That an observation goes on longer than planned. */
export interface Extension {
  readonly toMs: number;
  readonly why: string;
  readonly found: readonly FoundSignal[];
  /** Of all looks before the last. */
  readonly sourceRequests: number;
  /** It was taken back: the planned end counts, and there is no other extension. */
  readonly over: boolean;
}

/** Where an experiment is in its life. Ended: `refused`, `missed`, `not-injected`, `done`. */
export type Phase =
  | "new"
  | "planned"
  | "chosen"
  | "intended"
  | "observing"
  | "cleared"
  | "judged"
  | "diagnosed"
  | "damaged"
  | "recovered"
  | "provisional"
  | "refused"
  | "missed"
  | "not-injected"
  | "done";

/** Everything known of one experiment: its events, folded. */
export interface ExperimentState {
  readonly phase: Phase;
  readonly seq: number;
  readonly plan: ExperimentPlan | null;
  readonly choice: Choice | null;
  readonly refusal: { readonly gate: string; readonly why: string } | null;
  readonly t0Ms: number | null;
  readonly injection: "none" | "intended" | "injected" | "unsure" | "pretended" | "happened" | "not-injected";
  /** For how long, in all, processes have watched an intent without an outcome, ms. */
  readonly awaitedMs: number;
  readonly aborted: string | null;
  /** The early alert; null: there was none. */
  readonly alert: {
    readonly atMs: number;
    readonly services: readonly AlertedService[];
    readonly told: boolean;
  } | null;
  /** How often the fault could not be taken back, and why the last time; null: never. */
  readonly undoFailed: { readonly tries: number; readonly why: string } | null;
  /** When a standing fault was taken back. */
  readonly undoneMs: number | null;
  readonly clearMs: number | null;
  readonly clearHow: string | null;
  readonly extension: Extension | null;
  readonly judgement: Judgement | null;
  readonly provisional: boolean;
  /** A last look is still to come, for what the minutes of the draw scored. */
  readonly compared: boolean;
  /** What that look kept. */
  readonly minutes: readonly MinuteScores[];
  readonly findings: readonly Finding[];
  readonly notified: boolean;
  /** Keys of what was told of the verdict, with how it ended when not simply sent. */
  readonly news: readonly string[];
  readonly nextLookMs: number | null;
  readonly looks: number;
  /** Key of the last reminder that was sent, so that none is sent twice. */
  readonly lastReminder: string | null;
  readonly recoveredMs: number | null;
  readonly recoveredAfterMs: number | null;
  readonly cure: string | null;
  /** Requests that failed from the fault until it recovered, where that was counted. */
  readonly failedInAll: number | null;
  readonly closed: { readonly why: string; readonly by: string } | null;
  /** A person stopped it: whatever is measured then, it has no outcome. */
  readonly cancelled: boolean;
}
