import { workloadKey } from "../model/cluster.ts";
import type { Fault, FaultKind } from "../model/fault.ts";
import { eligibilityOf, policyOf } from "./eligibility.ts";
import type { Candidate } from "./facts.ts";
import { possibleTargets } from "./target.ts";

/** A fault of the policy that finds nothing to hit in a workload that may be hit, and why. */
export interface ImpossibleFault {
  readonly kind: FaultKind;
  readonly why: string;
  /** Some of its targets there can be hit, others not. */
  readonly partly?: true;
}

/**
 * Candidates that `fault` may take along with its target: those that may be hit, and what it is
 * allowed besides.
 */
export function withTaken(
  fault: Fault,
  eligible: readonly Candidate[],
  all: readonly Candidate[],
): readonly Candidate[] {
  const relaxed = all.map((one) => ({ ...one, policy: policyOf(fault, one.policy) }));
  const more = relaxed.filter(
    (one, i) => one.policy !== all[i]!.policy && !eligible.includes(all[i]!) && eligibilityOf(one).whyNot.length === 0,
  );
  return [...eligible, ...more];
}

/**
 * By key of each workload that may be hit: the faults of the policy that cannot be done there now.
 * @param all every candidate of the policy
 */
export function impossibleFaults(
  eligible: readonly Candidate[],
  all: readonly Candidate[],
): ReadonlyMap<string, readonly ImpossibleFault[]> {
  const faults = (eligible[0]?.policy.faults ?? []).map(({ fault }) => ({
    fault,
    taken: withTaken(fault, eligible, all),
  }));
  return new Map(
    eligible.map((candidate) => [
      workloadKey(candidate.workload),
      faults.flatMap(({ fault, taken }) => {
        const possible = possibleTargets(fault, candidate, taken);
        const why = [...new Set(possible.flatMap((one) => ("why" in one ? [one.why] : [])))].join("; ");
        const partly = possible.some((one) => "target" in one);
        return partly && why === "" ? [] : [{ kind: fault.kind, why, ...(partly ? { partly } : {}) }];
      }),
    ]),
  );
}

/** Why nothing of the policy can be done to this workload although it may be hit, or null. */
export const whyNoFault = (impossible: readonly ImpossibleFault[], { policy }: Candidate): string | null =>
  impossible.filter(({ partly }) => partly !== true).length < policy.faults.length
    ? null
    : `no fault of the policy can be done: ${impossible.map(({ kind, why }) => `${kind}: ${why}`).join("; ")}`;

/**
 * The faults and targets that cannot be hit where others can, for people: `no pod-kill: …`, `not
 * every node-drain: …`.
 */
export const notPossible = (impossible: readonly ImpossibleFault[], candidate: Candidate): string[] =>
  whyNoFault(impossible, candidate) === null
    ? impossible.map(({ kind, why, partly }) => `${partly === true ? "not every" : "no"} ${kind}: ${why}`)
    : [];
