import { unreachable } from "../../core/unreachable.ts";
import { type Binary, type BinaryOp, COMPARISON, type Matching, SET_OPERATORS } from "./ast.ts";
import { badData, executionError } from "./errors.ts";
import { keyOf, type Labels, labelsKey, METRIC_NAME, only, withLabel, without, withoutName } from "./labels.ts";
import { mergeEqual, newSeries, type StepSeries, type Value } from "./values.ts";

const isComparison = (op: BinaryOp): boolean => COMPARISON.some((known) => known === op);
const isSet = (op: BinaryOp): boolean => SET_OPERATORS.some((known) => known === op);

/** Any binary operator on any two values, step by step. @throws PromqlError */
export function binary(expr: Binary, left: Value, right: Value): Value {
  if (left.type === "string" || right.type === "string") {
    throw badData("binary expression must contain only scalar and instant vector types");
  }
  if (left.type === "scalar" && right.type === "scalar") return scalars(expr, left.values, right.values);
  if (isSet(expr.op) && (left.type === "scalar" || right.type === "scalar")) {
    throw badData(`set operator "${expr.op}" not allowed in binary scalar expression`);
  }
  if (left.type === "scalar") {
    const vector = right.type === "vector" ? right.series : [];
    return { type: "vector", series: withScalar(expr, vector, left.values, true) };
  }
  if (right.type === "scalar") return { type: "vector", series: withScalar(expr, left.series, right.values, false) };
  const combine = isSet(expr.op) ? setOperation : matched;
  return { type: "vector", series: mergeEqual(combine(expr, left.series, right.series)) };
}

/** The result of one pair: for comparisons 1 or 0. */
function apply(op: BinaryOp, a: number, b: number): number {
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
    case "^":
      return a ** b;
    case "==":
      return a === b ? 1 : 0;
    case "!=":
      return a !== b ? 1 : 0;
    case ">":
      return a > b ? 1 : 0;
    case "<":
      return a < b ? 1 : 0;
    case ">=":
      return a >= b ? 1 : 0;
    case "<=":
      return a <= b ? 1 : 0;
    case "and":
    case "or":
    case "unless":
      throw new TypeError(`${op} has no result for a pair`);
    default:
      return unreachable(op);
  }
}

function scalars(expr: Binary, a: Float64Array, b: Float64Array): Value {
  if (isComparison(expr.op) && !expr.bool) throw badData("comparisons between scalars must use BOOL modifier");
  return { type: "scalar", values: a.map((value, i) => apply(expr.op, value, b[i]!)) };
}

/** A comparison without `bool` keeps the vector's own value where it holds. */
function withScalar(
  expr: Binary,
  series: readonly StepSeries[],
  scalar: Float64Array,
  swapped: boolean,
): readonly StepSeries[] {
  const filters = isComparison(expr.op) && !expr.bool;
  const results = series.map((one) => {
    const result = newSeries(filters ? one.labels : withoutName(one.labels), scalar.length);
    for (let i = 0; i < scalar.length; i++) {
      if (one.present[i] === 0) continue;
      const [a, b] = swapped ? [scalar[i]!, one.values[i]!] : [one.values[i]!, scalar[i]!];
      put(result, i, apply(expr.op, a, b), one.values[i]!, filters);
    }
    return result;
  });
  return mergeEqual(results);
}

function put(result: StepSeries, i: number, value: number, kept: number, filters: boolean): void {
  if (filters && value === 0) return;
  result.values[i] = filters ? kept : value;
  result.present[i] = 1;
}

const signature = (matching: Matching, labels: Labels): string =>
  matching.on ? keyOf(labels, matching.labels) : labelsKey(without(labels, [...matching.labels, METRIC_NAME]));

function bySignature(matching: Matching, series: readonly StepSeries[]): Map<string, StepSeries[]> {
  const groups = new Map<string, StepSeries[]>();
  for (const one of series) {
    const key = signature(matching, one.labels);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

const anyAt = (series: readonly StepSeries[] | undefined, i: number): boolean =>
  series?.some((one) => one.present[i] === 1) ?? false;

function setOperation(expr: Binary, left: readonly StepSeries[], right: readonly StepSeries[]): StepSeries[] {
  const keepWhere = (series: readonly StepSeries[], others: readonly StepSeries[], want: boolean): StepSeries[] => {
    const groups = bySignature(expr.matching, others);
    return series.map((one) => {
      const group = groups.get(signature(expr.matching, one.labels));
      const present = one.present.map((there, i) => (there === 1 && anyAt(group, i) === want ? 1 : 0));
      return { ...one, present };
    });
  };
  if (expr.op === "and") return keepWhere(left, right, true);
  if (expr.op === "unless") return keepWhere(left, right, false);
  return [...left, ...keepWhere(right, left, false)];
}

function matched(expr: Binary, left: readonly StepSeries[], right: readonly StepSeries[]): StepSeries[] {
  const swapped = expr.matching.many === "right";
  const [many, one] = swapped ? [right, left] : [left, right];
  const ones = bySignature(expr.matching, one);
  const results: StepSeries[] = [];
  for (const [key, group] of bySignature(expr.matching, many)) {
    const partners = ones.get(key);
    if (partners !== undefined) results.push(...matchGroup(expr, group, partners, swapped));
  }
  return results;
}

/**
 * Pairs of one match group: at each time at most one series on the "one" side, and on the other too
 * unless `group_…` allows more.
 */
function matchGroup(
  expr: Binary,
  many: readonly StepSeries[],
  ones: readonly StepSeries[],
  swapped: boolean,
): StepSeries[] {
  const steps = many[0]!.values.length;
  const filters = isComparison(expr.op) && !expr.bool;
  const results = new Map<string, StepSeries>();
  for (let i = 0; i < steps; i++) {
    const there = ones.filter((one) => one.present[i] === 1);
    const partner = there[0];
    if (partner === undefined) continue;
    const members = many.filter((one) => one.present[i] === 1);
    if (members.length === 0) continue;
    if (there.length > 1)
      throw executionError(
        "found duplicate series for the match group on the one side of the operation: many-to-many matching not allowed: matching labels must be unique on one side",
      );
    if (expr.matching.many === "none" && members.length > 1) {
      throw executionError(
        "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)",
      );
    }
    for (const member of members) {
      const [a, b] = swapped ? [partner.values[i]!, member.values[i]!] : [member.values[i]!, partner.values[i]!];
      const labels = resultLabels(expr, member.labels, partner.labels);
      const key = labelsKey(labels);
      let result = results.get(key);
      if (result === undefined) {
        result = newSeries(labels, steps);
        results.set(key, result);
      }
      const value = apply(expr.op, a, b);
      if (filters && value === 0) continue;
      if (result.present[i] === 1)
        throw executionError("multiple matches for labels: grouping labels must ensure unique matches");
      put(result, i, value, a, filters);
    }
  }
  return [...results.values()];
}

function resultLabels(expr: Binary, many: Labels, one: Labels): Labels {
  const { matching } = expr;
  let labels = isComparison(expr.op) && !expr.bool ? many : withoutName(many);
  if (matching.many === "none") {
    return matching.on ? only(labels, matching.labels) : without(labels, matching.labels);
  }
  for (const name of matching.include) labels = withLabel(labels, name, one[name] ?? "");
  return labels;
}
