import { isObject, parseBody } from "./body.ts";
import { apiVersion, type Resource } from "./resources.ts";
import { StatusError } from "./status.ts";

/**
 * POST of a SelfSubjectAccessReview: in the sandbox everybody may do everything. @throws
 * StatusError 422
 */
export function reviewAccess(resource: Resource, text: string): object {
  const { spec } = parseBody(text, resource.kind);
  const attributes = isObject(spec) ? (spec.resourceAttributes ?? spec.nonResourceAttributes) : undefined;
  if (!isObject(attributes)) {
    const problem =
      'Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified';
    const field = "spec.resourceAttributes";
    throw new StatusError(422, "Invalid", `.${resource.group} "" is invalid: ${field}: ${problem}`, {
      group: resource.group,
      causes: [{ reason: "FieldValueInvalid", message: problem, field }],
    });
  }
  return {
    kind: resource.kind,
    apiVersion: apiVersion(resource),
    metadata: { creationTimestamp: null },
    spec,
    status: { allowed: true },
  };
}
