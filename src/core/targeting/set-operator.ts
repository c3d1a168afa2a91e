/**
 * Whether a label's value, undefined where there is none, meets an operator of Kubernetes' label
 * selectors; null for an operator that these do not have. `NotIn` also holds for a label that is
 * not there.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function meetsOperator(value: string | undefined, operator: string, values: readonly string[]): boolean | null {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return null;
  }
}
