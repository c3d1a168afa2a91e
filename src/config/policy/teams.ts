import { lowerMode, type Mode } from "../../core/model/policy.ts";
import type { TeamBounds } from "../../core/model/team-policy.ts";
import { matchesPattern } from "../../core/targeting/selector.ts";
import type { Report } from "../problems/read-named.ts";
import type { TeamsFile } from "../schema/policy-schema.ts";
import { toMaxUnavailable } from "./policy.ts";

/**
 * What teams may do. A protected namespace is reported: policies of its own would reach it by its
 * full name, which only the service's policies may.
 */
export function toTeams(file: TeamsFile, mode: Mode, shielded: readonly string[], report: Report): TeamBounds {
  file.namespaces.forEach((namespace, i) => {
    const pattern = shielded.find((one) => matchesPattern(one, namespace));
    if (pattern === undefined) return;
    const as = pattern === namespace ? "" : ` (${pattern})`;
    report(["teams", "namespaces", i], `${namespace} is protected${as}: no team's policy is read there`);
  });
  const { limits } = file;
  return {
    namespaces: [...new Set(file.namespaces)],
    mode: lowerMode(mode, file.mode ?? mode),
    faults: [...new Set(file.faults)],
    standingMs: file.standing,
    policies: file.policies,
    experimentsPerDay: file.experimentsPerDay,
    limits: {
      perDay: limits.perDay,
      ...(limits.perWorkload === undefined ? {} : { perWorkload: limits.perWorkload }),
      ...(limits.perService === undefined ? {} : { perService: limits.perService }),
      failedRequests: limits.failedRequests,
      cooldownMs: limits.cooldown,
      maxUnavailable: toMaxUnavailable(limits.maxUnavailable),
      singleReplica: limits.singleReplica,
      minAgeMs: limits.minAge,
    },
  };
}
