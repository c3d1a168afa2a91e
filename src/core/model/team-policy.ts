import type { FaultKind } from "./fault.ts";
import { keysOf } from "./marks.ts";
import type { Limits, Mode, Policy } from "./policy.ts";

/**
 * A ConfigMap with this label, set to `true`, is a policy of the team whose namespace it stands in;
 * the second is the one that it had before.
 */
export const [POLICY_LABEL, FORMER_POLICY_LABEL] = keysOf("policy");
/** The one entry of such a ConfigMap. */
export const POLICY_ENTRY = "policy.yaml";
/**
 * Longest policy that is read, in characters: one takes about 500, and parsing more would keep
 * others waiting.
 */
export const POLICY_MAX_CHARS = 16_384;

/** One ConfigMap that says it is a policy, as it was read. */
export interface PolicyText {
  readonly namespace: string;
  /** Name of the ConfigMap, which is the policy's. */
  readonly name: string;
  readonly uid: string;
  readonly createdAtMs: number;
  /**
   * Program that wrote it last, in its own word (`kubectl-client-side-apply`); null when the API
   * server does not say.
   */
  readonly writtenBy: string | null;
  /** SHA-256 of all its entries: the same text, the same policy. */
  readonly hash: string;
  /** Keys of the entries; of many the first ones, and that of the policy. */
  readonly entries: readonly string[];
  /**
   * The entry `policy.yaml`; null when there is none, or when it is longer than `POLICY_MAX_CHARS`.
   */
  readonly text: string | null;
  /** Length of that entry. */
  readonly chars: number;
}

/** What a text was understood as. */
export type ReadPolicy =
  | { readonly kind: "sound"; readonly policy: Policy }
  /** Every problem, on one line. */
  | { readonly kind: "refused"; readonly why: string };

/**
 * Faults that stay inside one namespace. Drains and outages of a zone cordon nodes, which belong to
 * everybody.
 */
export const TEAM_FAULTS = [
  "pod-delete",
  "pod-evict",
  "pod-kill",
  "http-abort",
  "http-delay",
] as const satisfies readonly FaultKind[];
export type TeamFault = (typeof TEAM_FAULTS)[number];

/** The most that policies of teams may do. */
export interface TeamBounds {
  /** Namespaces whose ConfigMaps are read. */
  readonly namespaces: readonly string[];
  /** Already capped by the global mode. */
  readonly mode: Mode;
  readonly faults: readonly TeamFault[];
  /** Longest time for which a fault may stand, ms. */
  readonly standingMs: number;
  /** Policies in one namespace. */
  readonly policies: number;
  /** Experiments of one policy on a day, shams and refusals included. */
  readonly experimentsPerDay: number;
  /** `perDay` is that of a namespace, whatever the number of its policies. */
  readonly limits: Limits;
}

/**
 * `shop.orders`: no policy of the service has a dot in its name, and neither a namespace nor a
 * policy of a team has one.
 */
export const teamPolicyName = (namespace: string, name: string): string => `${namespace}.${name}`;

export const isTeamPolicy = (policy: string): boolean => policy.includes(".");
