import type { V1LabelSelector, V1LabelSelectorRequirement } from "@kubernetes/client-node";
import { meetsOperator } from "../../../core/targeting/set-operator.ts";

export type Labels = Readonly<Record<string, string>>;

/** A Service's selector: every label must be there. An empty one selects nothing. */
export function selectsLabels(selector: Labels | undefined, labels: Labels): boolean {
  const wanted = Object.entries(selector ?? {});
  return wanted.length > 0 && wanted.every(([key, value]) => labels[key] === value);
}

/**
 * A label selector as the API defines it: absent selects nothing, empty selects everything
 * (policy/v1). An operator that is not known is taken to match: a budget that we cannot read must
 * not be overlooked.
 */
export function matchesSelector(selector: V1LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined || selector === null) return false;
  const equal = Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    (selector.matchExpressions ?? []).every(
      ({ key, operator, values = [] }) => meetsOperator(labels[key], operator, values) ?? true,
    )
  );
}

/**
 * A selector as a query of a list: `app=shop,tier in (a,b)`. Empty selects everything. Throws
 * RangeError for an operator that is not known.
 */
export function selectorText(selector: V1LabelSelector | undefined): string {
  const equal = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  return [...equal, ...(selector?.matchExpressions ?? []).map(requirementText)].join(",");
}

function requirementText({ key, operator, values = [] }: V1LabelSelectorRequirement): string {
  switch (operator) {
    case "In":
      return `${key} in (${values.join(",")})`;
    case "NotIn":
      return `${key} notin (${values.join(",")})`;
    case "Exists":
      return key;
    case "DoesNotExist":
      return `!${key}`;
    default:
      throw new RangeError(`label selector with the operator ${operator}, which is not known`);
  }
}
