import { type ClusterSnapshot, workloadKey } from "../model/cluster.ts";
import type { Policy } from "../model/policy.ts";
import { candidatesOf, type Eligibility, eligibilityOf } from "./eligibility.ts";
import type { TargetFacts } from "./facts.ts";
import { impossibleFaults, notPossible, whyNoFault } from "./impossible.ts";

/**
 * Every workload of the snapshot, each with all reasons why an experiment of `policy` could not hit
 * it now: its own, and that none of the policy's faults can be done to it.
 */
export function whyNotHit(snapshot: ClusterSnapshot, policy: Policy, facts: TargetFacts): readonly Eligibility[] {
  const all = candidatesOf(snapshot, policy, facts).map((candidate) => ({
    candidate,
    found: eligibilityOf(candidate),
  }));
  const eligible = all.filter(({ found }) => found.whyNot.length === 0).map((one) => one.candidate);
  const impossible = impossibleFaults(
    eligible,
    all.map((one) => one.candidate),
  );
  return all.map(({ candidate, found }) => {
    const own = impossible.get(workloadKey(candidate.workload)) ?? [];
    const none = found.whyNot.length > 0 ? null : whyNoFault(own, candidate);
    return none === null
      ? { ...found, notes: [...notPossible(own, candidate), ...found.notes] }
      : { ...found, whyNot: [none], spared: [] };
  });
}
