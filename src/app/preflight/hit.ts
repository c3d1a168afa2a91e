import { type Pod, type ServiceId, type WorkloadRef, workloadKey, workloadName } from "../../core/model/cluster.ts";
import { candidatesOf, policyOf } from "../../core/targeting/eligibility.ts";
import type { Candidate, Check, PastInjection } from "../../core/targeting/facts.ts";
import type { PreflightFacts } from "./facts.ts";
import type { Gate } from "./gate.ts";

/** A workload that the target takes pods from, and which. */
export interface Hit {
  readonly candidate: Candidate;
  readonly pods: readonly Pod[];
}

/** Injections of others: a job that comes back must not stumble over its own. */
export const pastOfOthers = ({ past, plan }: PreflightFacts): readonly PastInjection[] =>
  past.filter((one) => one.experimentId !== plan.id);

/**
 * Every workload that the target touches, as the newest lists show it.
 * @throws RangeError when the target's workload or one of its pods is no longer there
 */
export function hits(facts: PreflightFacts): readonly Hit[] {
  const { target } = facts.choice;
  const context = { past: pastOfOthers(facts), protectedNamespaces: facts.protectedNamespaces };
  const candidates = candidatesOf(facts.snapshot, policyOf(facts.choice.fault, facts.policy), context);
  const uids = new Set(target.pods.map((pod) => pod.uid));
  const touched = candidates
    .map((candidate) => ({ candidate, pods: candidate.pods.filter((pod) => uids.has(pod.uid)) }))
    .filter((hit) => hit.pods.length > 0 || workloadKey(hit.candidate.workload) === workloadKey(target.workload));
  if (!touched.some((hit) => workloadKey(hit.candidate.workload) === workloadKey(target.workload))) {
    throw new RangeError(`${workloadName(target.workload)} is not in the newest lists`);
  }
  const found = touched.reduce((sum, hit) => sum + hit.pods.length, 0);
  if (found < uids.size) throw new RangeError(`${uids.size - found} of the target's pods are not in the newest lists`);
  return touched;
}

/** A gate that is closed when one of `checks` speaks against any workload that would be hit. */
export function checkGate(name: string, facts: PreflightFacts, checks: readonly Check[]): Gate {
  return {
    name,
    async whyClosed() {
      for (const { candidate } of hits(facts)) {
        const why = checks.map((check) => check(candidate)).find((reason) => reason !== null);
        if (why !== undefined) return `${workloadName(candidate.workload)}: ${why}`;
      }
      return null;
    },
  };
}

/** Services of the workloads that call one of `callees`. */
export function callersOf(facts: PreflightFacts, callees: readonly ServiceId[]): readonly ServiceId[] {
  return facts.edges.filter((edge) => callees.includes(edge.callee)).flatMap((edge) => servicesOf(facts, edge.caller));
}

/** Services that the workloads behind `callers` call. */
export function calleesOf(facts: PreflightFacts, callers: readonly ServiceId[]): readonly ServiceId[] {
  return facts.edges
    .filter((edge) => servicesOf(facts, edge.caller).some((service) => callers.includes(service)))
    .map((edge) => edge.callee);
}

/**
 * The services before a workload; one that the snapshot does not show is taken by its own name,
 * which is the custom.
 */
function servicesOf(facts: PreflightFacts, ref: WorkloadRef | { readonly namespace: string; readonly name: string }) {
  const workload = facts.snapshot.workloads.find((one) => one.namespace === ref.namespace && one.name === ref.name);
  return workload?.services ?? [`${ref.namespace}/${ref.name}`];
}
