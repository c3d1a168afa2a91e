import { marksOf } from "../../model/marks.ts";
import { MINUTE_MS } from "../../model/units.ts";
import type { Check } from "../facts.ts";

export const namespaceStays: Check = ({ workload, snapshot }) => {
  const namespace = snapshot.namespaces.find((one) => one.name === workload.namespace);
  if (namespace === undefined) return `namespace ${workload.namespace} was not found`;
  return namespace.terminating ? `namespace ${workload.namespace} is being deleted` : null;
};

/**
 * A namespace with the annotation `blackout` is left alone: `true`, or a stretch
 * `2026-03-01T00:00Z/2026-03-08T00:00Z`.
 */
export const notBlackedOut: Check = ({ workload, snapshot }) => {
  const namespace = snapshot.namespaces.find((one) => one.name === workload.namespace);
  const dark = marksOf("blackout", namespace?.annotations ?? {}).find(({ value }) => isDark(value, snapshot.takenAtMs));
  return dark === undefined ? null : `namespace ${workload.namespace} is blacked out (${dark.key}: ${dark.value})`;
};

function isDark(text: string, nowMs: number): boolean {
  if (text === "false") return false;
  const [fromMs, toMs] = text.split("/").map((part) => Date.parse(part));
  const readable = fromMs !== undefined && toMs !== undefined && fromMs < toMs;
  // What cannot be read closes: somebody wanted quiet.
  return !(readable && (nowMs < fromMs || nowMs >= toMs));
}

export const noRollout: Check = ({ workload }) =>
  workload.rollout === null ? null : `rollout in progress: ${workload.rollout}`;

export const oldEnough: Check = ({ workload, policy, snapshot }) => {
  if (workload.rolledOutAtMs === null) return null;
  const ageMs = snapshot.takenAtMs - workload.rolledOutAtMs;
  return ageMs >= policy.limits.minAgeMs
    ? null
    : `rolled out ${minutes(ageMs)} ago; the policy waits ${minutes(policy.limits.minAgeMs)}`;
};

/** One that cannot read its metrics scales nothing: that is told, and closes nothing. */
export const notScaling: Check = ({ workload: { autoscaler } }) =>
  autoscaler === null || autoscaler.blind !== undefined || autoscaler.currentReplicas === autoscaler.desiredReplicas
    ? null
    : `autoscaler ${autoscaler.name} is going from ${autoscaler.currentReplicas} to ${autoscaler.desiredReplicas} replicas`;

export const allReady: Check = ({ workload }) =>
  workload.readyReplicas >= workload.replicas
    ? null
    : `${workload.readyReplicas} of ${workload.replicas} replicas are ready`;

/**
 * Services without a selector lead where EndpointSlices say: who may not read these cannot tell
 * whom a loss concerns.
 */
export const servicesKnown: Check = ({ workload, snapshot }) => {
  const why = snapshot.unread?.endpoints?.[workload.namespace];
  return why === undefined
    ? null
    : `cannot tell what the Services without a selector in ${workload.namespace} lead to: ${why}`;
};

const minutes = (ms: number): string => `${Math.max(0, Math.floor(ms / MINUTE_MS))} min`;
