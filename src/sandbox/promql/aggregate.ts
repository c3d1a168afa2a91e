import { unreachable } from "../../core/model/units.ts";
import type { Aggregate, AggregateOp } from "./ast.ts";
import { keyOf, type Labels, labelsKey, METRIC_NAME, only, without } from "./labels.ts";
import { newSeries, type StepSeries } from "./values.ts";

interface Group {
  readonly result: StepSeries;
  readonly counts: Float64Array;
}

/** `sum by (…)` and its like: one series a group, absent where no member has a value. */
export function aggregate(expr: Aggregate, series: readonly StepSeries[], steps: number): StepSeries[] {
  const groups = new Map<string, Group>();
  for (const one of series) {
    const key = groupKey(expr, one.labels);
    let group = groups.get(key);
    if (group === undefined) {
      group = { result: newSeries(groupLabels(expr, one.labels), steps), counts: new Float64Array(steps) };
      groups.set(key, group);
    }
    add(expr.op, group, one);
  }
  return [...groups.values()].map(({ result }) => result);
}

const groupKey = (expr: Aggregate, labels: Labels): string =>
  expr.without ? labelsKey(groupLabels(expr, labels)) : keyOf(labels, expr.labels);

const groupLabels = (expr: Aggregate, labels: Labels): Labels =>
  expr.without ? without(labels, [...expr.labels, METRIC_NAME]) : only(labels, expr.labels);

function add(op: AggregateOp, { result, counts }: Group, one: StepSeries): void {
  for (let i = 0; i < counts.length; i++) {
    if (one.present[i] === 0) continue;
    const n = ++counts[i]!;
    const value = one.values[i]!;
    result.values[i] = n === 1 ? first(op, value) : next(op, result.values[i]!, value, n);
    result.present[i] = 1;
  }
}

const first = (op: AggregateOp, value: number): number => (op === "count" || op === "group" ? 1 : value);

function next(op: AggregateOp, sum: number, value: number, n: number): number {
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
