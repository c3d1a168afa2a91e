import type { ExperimentPlan } from "../model/experiment.ts";
import type { Policy } from "../model/policy.ts";
import { matchesPattern } from "./selector.ts";

/** The one workload, the one fault, or both, that a person asked for. */
export type Only = NonNullable<ExperimentPlan["only"]>;

/**
 * The policy with nothing but what was asked for of what it allows anyway: labels, kinds and limits
 * stay. What it does not reach is never reached by asking for it: no namespace is left then.
 */
export function narrowed(policy: Policy, only: Only, protectedNamespaces: readonly string[]): Policy {
  const { workload, fault } = only;
  const faults = fault === undefined ? policy.faults : policy.faults.filter((one) => one.fault.kind === fault);
  if (workload === undefined) return { ...policy, faults };
  const namespaces = whyNotReached(policy, workload, protectedNamespaces) === null ? [workload.namespace] : [];
  return { ...policy, faults, target: { ...policy.target, namespaces, names: [workload.name] } };
}

/**
 * Why the policy does not name this workload, whatever the cluster has; a protected namespace is
 * reached only by its full name, never by a pattern.
 */
export function whyNotReached(
  { name: policy, target }: Policy,
  { namespace, name }: NonNullable<Only["workload"]>,
  protectedNamespaces: readonly string[],
): string | null {
  if (target.names.length > 0 && !target.names.includes(name))
    return `policy ${policy} names only ${target.names.join(", ")}`;
  if (target.namespaces.includes(namespace)) return null;
  if (!target.namespaces.some((pattern) => matchesPattern(pattern, namespace)))
    return `policy ${policy} reaches only ${target.namespaces.join(", ")}`;
  return protectedNamespaces.some((pattern) => matchesPattern(pattern, namespace))
    ? `namespace ${namespace} is protected, and policy ${policy} does not name it in full`
    : null;
}
