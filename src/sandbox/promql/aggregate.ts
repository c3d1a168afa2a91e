import { unreachable } from "../../core/unreachable.ts";
import type { Aggregate, AggregateOp } from "./ast.ts";
import { keyOf, type Labels, labelsKey, METRIC_NAME, only, without } from "./labels.ts";
import { newSeries, type StepSeries } from "./values.ts";

/**
 * `sum by (…)` and its like: one series a group, absent where no member has a value. `parameter`:
 * that of `quantile`, by step.
 */
export function aggregate(
  expr: Aggregate,
  series: readonly StepSeries[],
  steps: number,
  parameter: Float64Array | null,
): StepSeries[] {
  const groups = new Map<string, { readonly labels: Labels; readonly members: StepSeries[] }>();
  for (const one of series) {
    const labels = expr.without ? without(one.labels, [...expr.labels, METRIC_NAME]) : one.labels;
    const key = expr.without ? labelsKey(labels) : keyOf(labels, expr.labels);
    const group = groups.get(key);
    if (group !== undefined) group.members.push(one);
    else groups.set(key, { labels: expr.without ? labels : only(labels, expr.labels), members: [one] });
  }
  return [...groups.values()].map(({ labels, members }) =>
    expr.op === "quantile" ? quantiles(labels, members, parameter!) : folded(expr.op, labels, members, steps),
  );
}

type FoldOp = Exclude<AggregateOp, "quantile">;

function folded(op: FoldOp, labels: Labels, members: readonly StepSeries[], steps: number): StepSeries {
  const result = newSeries(labels, steps);
  const counts = new Float64Array(steps);
  for (const one of members) {
    for (let i = 0; i < steps; i++) {
      if (one.present[i] === 0) continue;
      const n = ++counts[i]!;
      const value = one.values[i]!;
      result.values[i] = n === 1 ? first(op, value) : next(op, result.values[i]!, value, n);
      result.present[i] = 1;
    }
  }
  return result;
}

const first = (op: FoldOp, value: number): number => (op === "count" || op === "group" ? 1 : value);

function next(op: FoldOp, sum: number, value: number, n: number): number {
  switch (op) {
    case "sum":
      return sum + value;
    case "avg":
      return sum + value / n - sum / n;
    case "min":
      return value < sum || Number.isNaN(sum) ? value : sum;
    case "max":
      return value > sum || Number.isNaN(sum) ? value : sum;
    case "count":
      return n;
    case "group":
      return 1;
    default:
      return unreachable(op);
  }
}

/** Linear interpolation between order statistics; Prometheus promql/quantile.go. */
function quantiles(labels: Labels, members: readonly StepSeries[], q: Float64Array): StepSeries {
  const result = newSeries(labels, q.length);
  for (let i = 0; i < q.length; i++) {
    const values = members.filter((one) => one.present[i] === 1).map((one) => one.values[i]!);
    if (values.length === 0) continue;
    result.values[i] = quantile(
      q[i]!,
      values.sort((a, b) => a - b),
    );
    result.present[i] = 1;
  }
  return result;
}

function quantile(q: number, sorted: readonly number[]): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const rank = q * (sorted.length - 1);
  const below = Math.floor(rank);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! * (1 - (rank - below)) + sorted[above]! * (rank - below);
}
