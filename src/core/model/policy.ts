import type { WorkloadKind } from "./cluster.ts";
import type { Fault } from "./fault.ts";

/**
 * From harmless to armed: `observe` judges natural experiments, `sham` adds scheduled shams,
 * `inject` adds faults.
 */
export const MODES = ["observe", "sham", "inject"] as const;
export type Mode = (typeof MODES)[number];

/** The more careful of two modes. */
export const lowerMode = (a: Mode, b: Mode): Mode => (MODES.indexOf(a) <= MODES.indexOf(b) ? a : b);

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/**
 * `mon-fri 09:00-17:00` in the policy's time zone; `toMinute` may be 1440; a window never crosses
 * midnight (two windows do).
 */
export interface WeeklyWindow {
  readonly days: readonly Weekday[];
  readonly fromMinute: number;
  readonly toMinute: number;
}

export interface Schedule {
  /** IANA name. */
  readonly timezone: string;
  /** Either windows and how often a day, or a cron line with jitter. */
  readonly when:
    | { readonly kind: "windows"; readonly windows: readonly WeeklyWindow[]; readonly perDay: number }
    | { readonly kind: "cron"; readonly cron: string; readonly jitterMs: number };
  /** Share of slots that are shams, 0…1. */
  readonly shamShare: number;
}

/** A Kubernetes label selector that was parsed: every requirement must hold. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values: readonly string[];
}

export interface TargetSelector {
  readonly namespaces: readonly string[];
  /** Kinds that may be hit; DaemonSets, Jobs and bare pods only when they are in here. */
  readonly kinds: readonly WorkloadKind[];
  /** Workload labels that must match (empty: all). */
  readonly labels: readonly LabelRequirement[];
  /**
   * A workload (or its namespace) with all of these labels, or with an annotation of that key, is
   * left out.
   */
  readonly excludeLabels: readonly LabelRequirement[];
  /** Only these workloads, by name (empty: all). */
  readonly names: readonly string[];
}

export type MaxUnavailable =
  | { readonly unit: "percent"; readonly value: number }
  | { readonly unit: "pods"; readonly value: number };

export interface Limits {
  /** Injections of this policy in one calendar day of the installation's zone. */
  readonly perDay: number;
  /**
   * The same for the target's namespace, workload and service, whoever's policy it was; without it
   * there is no such bound.
   */
  readonly perNamespace?: number;
  readonly perWorkload?: number;
  readonly perService?: number;
  /**
   * Requests of one service that experiments may make fail in seven days, whoever's policy it was;
   * absent: no such bound.
   */
  readonly failedRequests?: number;
  readonly cooldownMs: number;
  /**
   * How often one suspect is hit again to confirm it, or one confounded experiment repeated;
   * absent: never.
   */
  readonly confirmations?: number;
  readonly maxUnavailable: MaxUnavailable;
  readonly singleReplica: "allow" | "skip" | "only";
  /** A workload whose template changed more recently than this is left alone. */
  readonly minAgeMs: number;
}

export interface WeightedFault {
  readonly fault: Fault;
  readonly weight: number;
}

export interface Policy {
  readonly name: string;
  readonly mode: Mode;
  readonly schedule: Schedule;
  readonly target: TargetSelector;
  readonly faults: readonly WeightedFault[];
  readonly limits: Limits;
}

/**
 * How an experiment is looked at; all in ms. Defaults from judge.md §2: step 1 min, before 30,
 * early 10, grace 5, late 10.
 */
export interface Geometry {
  readonly stepMs: number;
  readonly beforeMs: number;
  readonly earlyMs: number;
  readonly graceMs: number;
  readonly lateMs: number;
  /**
   * For how long at most the observation goes on after the late window while it is not settled
   * whether damage stays; absent or 0: not at all.
   */
  readonly extensionMs?: number;
}

/** Smallest effects worth telling anyone (judge.md §2.8). Shares 0…1. */
export interface MinimumEffect {
  /** Rise of the failure share. */
  readonly failureShare: number;
  readonly excessFailures: number;
  /** Ratio of latency. */
  readonly latencyRatio: number;
  /** Fall of the request rate, 0…1. */
  readonly rateFall: number;
  readonly missingRequests: number;
}

export const DEFAULT_MINIMUM_EFFECT: MinimumEffect = {
  failureShare: 0.005,
  excessFailures: 5,
  latencyRatio: 1.15,
  rateFall: 0.2,
  missingRequests: 20,
};

/** A minimum effect for one service (`namespace/name`) or a whole namespace (`namespace/*`). */
export interface ServiceEffect {
  readonly services: string;
  readonly effect: MinimumEffect;
}

/** When a service that fails is told of before there is a verdict. */
export interface EarlyAlertRule {
  /** At most this long is looked back. */
  readonly windowMs: number;
  /** At least so many failed requests … */
  readonly failures: number;
  /** … and a share of failed requests, 0…1, so far above the usual one. */
  readonly share: number;
}

/**
 * When an experiment whose fault stands is stopped (judge.md §2.11): by what a service did in the
 * last `windowMs`, compared with before.
 */
export interface AbortRule {
  readonly windowMs: number;
  /** Failures beyond the usual share … */
  readonly excessFailures: number;
  /** … or a fall of the request rate, 0…1 … */
  readonly rateFall: number;
  /** … of at least so many requests. */
  readonly missingRequests: number;
}
