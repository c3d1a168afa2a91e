import { type Right, rightsFor } from "../../adapters/kubernetes/rights/rights.ts";
import type { Config } from "../../config/load/config.ts";

/**
 * Rights of all policies together, with the lease in `ownNamespace`: reads for each, and what their
 * faults do for those that are armed.
 */
export function rightsOf(config: Config, ownNamespace: string): readonly Right[] {
  const armed = config.policies.filter((policy) => policy.mode === "inject");
  const { teams } = config;
  const namespaces = [...new Set(config.policies.flatMap((policy) => policy.target.namespaces))];
  return rightsFor({
    faults: [...new Set(armed.flatMap((policy) => policy.faults.map(({ fault }) => fault.kind)))],
    namespaces,
    ...(teams === null
      ? {}
      : { teams: { namespaces: teams.namespaces, faults: teams.mode === "inject" ? teams.faults : [] } }),
    everywhere: namespaces.some((name) => name.includes("*")),
    withoutNodes: config.kubernetes.nodes === "leave-out",
    ownNamespace,
    leaseName: config.kubernetes.lease,
  });
}
