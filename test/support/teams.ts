import { POLICY_ENTRY, type PolicyText, type TeamBounds } from "../../src/core/model/team-policy.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import { T0 } from "./experiments.ts";

/**
 * What the configuration allows when it says no more than `teams: { namespaces: [shop] }`, armed.
 */
export function teamBounds(changes: Partial<TeamBounds> = {}): TeamBounds {
  return {
    namespaces: ["shop"],
    mode: "inject",
    faults: ["pod-delete", "pod-evict"],
    standingMs: 5 * MINUTE_MS,
    policies: 5,
    experimentsPerDay: 24,
    limits: {
      perDay: 12,
      failedRequests: 10_000,
      cooldownMs: 30 * MINUTE_MS,
      maxUnavailable: { unit: "pods", value: 1 },
      singleReplica: "skip",
      minAgeMs: 10 * MINUTE_MS,
    },
    ...changes,
  };
}

export const SOUND = `schedule: { windows: ["mon-fri 09:00-17:00"], perDay: 4 }
faults: [{ kind: pod-delete }]
`;

/** A ConfigMap of the team shop, as the API server gave it. */
export function policyText(name: string, text: string | null, changes: Partial<PolicyText> = {}): PolicyText {
  return {
    namespace: "shop",
    name,
    uid: `uid-of-${name}`,
    createdAtMs: T0 - HOUR_MS,
    writtenBy: "kubectl-edit",
    hash: `hash of ${text}`,
    entries: [POLICY_ENTRY],
    text,
    chars: text?.length ?? 0,
    ...changes,
  };
}
