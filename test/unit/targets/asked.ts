import { firstClosed } from "../../../src/app/preflight/gate.ts";
import { preflightGates } from "../../../src/app/preflight/preflight.ts";
import { type ClusterSnapshot, workloadName } from "../../../src/core/model/cluster.ts";
import type { Fault, Target } from "../../../src/core/model/fault.ts";
import type { Policy } from "../../../src/core/model/policy.ts";
import { candidatesOf, eligibilityOf } from "../../../src/core/targeting/eligibility.ts";
import type { PastInjection } from "../../../src/core/targeting/facts.ts";
import { possibleTargets } from "../../../src/core/targeting/target.ts";
import { whatIf } from "../../../src/core/targeting/what-if.ts";
import { sparedText, whatIfText } from "../../../src/core/targeting/what-if-text.ts";
import { whyNotHit } from "../../../src/core/targeting/why-not.ts";
import type { WhyNotRouted } from "../../../src/ports/routes.ts";
import { policy } from "../../support/policies.ts";
import { preflightFacts } from "../../support/preflight.ts";

/** A policy for the namespace shop, open to every owner that brings its pods back. */
export const shopPolicy = (fault: Fault = { kind: "pod-delete" }, changes: Partial<Policy["target"]> = {}): Policy =>
  policy({
    target: {
      namespaces: ["shop"],
      kinds: ["Deployment", "StatefulSet", "ReplicaSet", "DaemonSet", "Other"],
      ...{ labels: [], excludeLabels: [], names: [] },
      ...changes,
    },
    faults: [{ fault, weight: 1 }],
  });

const factsOf = (past: readonly PastInjection[], whyNotRouted?: WhyNotRouted) => ({
  past,
  protectedNamespaces: [],
  ...(whyNotRouted === undefined ? {} : { whyNotRouted }),
});

/**
 * What `why-not` says of a workload: the reasons, or the pods that are spared; notes in brackets.
 */
export function whyNot(
  snapshot: ClusterSnapshot,
  workload: string,
  past: readonly PastInjection[] = [],
  asked: Policy = shopPolicy(),
  routed?: WhyNotRouted,
): string {
  const found = whyNotHit(snapshot, asked, factsOf(past, routed)).find(
    (one) => workloadName(one.workload) === workload,
  );
  if (found === undefined) return "no such workload";
  const notes = found.notes.length === 0 ? "" : ` (${found.notes.join("; ")})`;
  if (found.whyNot.length > 0) return found.whyNot.join("; ") + notes;
  return `may be hit${found.spared.length === 0 ? "" : `, but not ${sparedText(found.spared)}`}${notes}`;
}

/** What `plan --what-if` prints. */
export const whatIfPrinted = (
  snapshot: ClusterSnapshot,
  asked: Policy = shopPolicy(),
  past: readonly PastInjection[] = [],
  routed?: WhyNotRouted,
): string =>
  whatIfText(
    whatIf([asked], snapshot, [], () => factsOf(past, routed)),
    1_000,
  );

/** Everything that the policy's fault could hit through one workload: targets, or why not. */
export function targetsOf(
  snapshot: ClusterSnapshot,
  workload: string,
  asked: Policy = shopPolicy(),
  past: readonly PastInjection[] = [],
): { readonly targets: readonly Target[]; readonly refusals: readonly string[] } {
  const eligible = candidatesOf(snapshot, asked, factsOf(past)).filter((one) => eligibilityOf(one).whyNot.length === 0);
  const [fault] = asked.faults;
  const mine = eligible.filter((one) => workloadName(one.workload) === workload);
  const possible = mine.flatMap((one) => possibleTargets(fault!.fault, one, eligible));
  return {
    targets: possible.flatMap((one) => ("target" in one ? [one.target] : [])),
    refusals: possible.flatMap((one) => ("why" in one ? [one.why] : [])),
  };
}

/** The first gate that is closed for this target, as `gate: why`, or null. */
export async function closedFor(
  snapshot: ClusterSnapshot,
  target: Target,
  asked: Policy = shopPolicy(),
  past: readonly PastInjection[] = [],
): Promise<string | null> {
  const [fault] = asked.faults;
  const choice = { target, fault: fault!.fault, eligible: 1, ineligible: 0, drawn: "" };
  const facts = preflightFacts({ policy: asked, snapshot, choice, past, edges: [], protectedNamespaces: [] });
  const closed = await firstClosed(preflightGates(facts), AbortSignal.timeout(10_000));
  return closed === null ? null : `${closed.gate}: ${closed.why}`;
}

/** The target that a policy would have to choose to hit this pod. */
export function podTarget(snapshot: ClusterSnapshot, name: string): Target {
  const pod = snapshot.pods.find((one) => one.name === name);
  if (pod === undefined) throw new RangeError(`no pod ${name}`);
  const { namespace, uid, workload, node, services = [] } = pod;
  return { workload, services, pods: [{ namespace, name, uid }], node, zone: null };
}
