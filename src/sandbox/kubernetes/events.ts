import type { Cluster } from "../cluster/cluster.ts";
import { type Json, objectAt, parseBody, stringAt } from "./body.ts";
import { type Answer, createObject } from "./leases.ts";
import type { Target } from "./resources.ts";
import { invalid } from "./status.ts";

/**
 * Longest values of events.k8s.io/v1:
 * https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/.
 */
const LIMITS: Readonly<Record<string, number>> = { reportingInstance: 128, action: 128, reason: 128, note: 1_024 };
const REQUIRED = ["reportingController", "reportingInstance", "action", "reason", "eventTime"];

/** POST of an Event, checked as strictly as events.k8s.io/v1 is. @throws StatusError 409, 422 */
export function createEvent(cluster: Cluster, target: Target, text: string, uid: () => string): Answer {
  const body = parseBody(text, "Event");
  demandValid(body, target);
  const legacy = { deprecatedSource: {}, deprecatedFirstTimestamp: null, deprecatedLastTimestamp: null };
  return createObject(cluster, target, { ...body, ...legacy }, uid);
}

function demandValid(body: Json, { resource }: Target): void {
  const name = stringAt(objectAt(body, "metadata"), "name") ?? "";
  const refuse = (field: string, problem: string): never => {
    throw invalid("Event", { group: resource.group, resource: resource.resource, name }, field, problem);
  };
  for (const field of REQUIRED) if ((stringAt(body, field) ?? "") === "") refuse(field, "Required value");
  for (const [field, limit] of Object.entries(LIMITS)) {
    if ((stringAt(body, field) ?? "").length > limit)
      refuse(field, `Invalid value: "": can have at most ${limit} characters`);
  }
  const type = stringAt(body, "type") ?? "";
  if (type !== "Normal" && type !== "Warning") refuse("type", `Invalid value: "${type}": has invalid value: ${type}`);
}
