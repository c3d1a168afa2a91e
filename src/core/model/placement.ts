/** A taint of a node: `key=value:effect`. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/**
 * A pod's own toleration; those for `not-ready` and `unreachable` that every pod gets are left out.
 */
export interface Toleration {
  /** Absent: every key. */
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  /** Absent: every effect. */
  readonly effect?: string;
}

/** One requirement of a node selector term: `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt`, `Lt`. */
export interface NodeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** What a pod's spec asks of its node; what the scheduler only prefers is left out. */
export interface Placement {
  readonly tolerations: readonly Toleration[];
  /** Labels that the node must have. */
  readonly selector: Readonly<Record<string, string>>;
  /**
   * Required node affinity: one of the terms must hold, with each of its requirements; empty: none
   * is asked.
   */
  readonly terms: readonly (readonly NodeRequirement[])[];
}

/**
 * Required anti-affinity: no pod with these labels may be on a node with the same value of
 * `topologyKey`. In the pod's own namespace; rules for others are left out.
 */
export interface Apart {
  readonly topologyKey: string;
  readonly labels: readonly NodeRequirement[];
}
