import { unreachable } from "../../core/unreachable.ts";
import { aggregate } from "./aggregate.ts";
import type { Call, Expr } from "./ast.ts";
import { binary } from "./binary.ts";
import { badData, cannotAnswer } from "./errors.ts";
import { asScalar, asVector, VALUE_FUNCTIONS } from "./functions.ts";
import { withoutName } from "./labels.ts";
import { metricName } from "./matchers.ts";
import { RANGE_FUNCTIONS } from "./range-functions.ts";
import { instantVector, overWindows } from "./selectors.ts";
import type { SampleStorage } from "./storage.ts";
import { demandDistinct, mapSeries, mergeEqual, type StepGrid, type Value } from "./values.ts";

/**
 * The value of `expr` at every step of `grid`, as Prometheus 2.42 would compute it.
 * @throws PromqlError for what cannot be answered
 */
export function evaluate(expr: Expr, storage: SampleStorage, grid: StepGrid): Value {
  switch (expr.kind) {
    case "number":
      return { type: "scalar", values: new Float64Array(grid.steps).fill(expr.value) };
    case "string":
      return { type: "string", value: expr.value };
    case "vector":
      return { type: "vector", series: instantVector(storage, expr, grid, "value") };
    case "matrix":
      throw badData("a range vector can only be the argument of a function, or a whole instant query");
    case "negate":
      return negate(evaluate(expr.body, storage, grid));
    case "aggregate": {
      const series = asVector(evaluate(expr.body, storage, grid), "aggregation expression");
      const parameter = expr.parameter === null ? null : evaluate(expr.parameter, storage, grid);
      const numbers = parameter === null ? null : asScalar(parameter, `call to aggregation "${expr.op}"`);
      return { type: "vector", series: aggregate(expr, series, grid.steps, numbers) };
    }
    case "binary":
      return binary(expr, evaluate(expr.left, storage, grid), evaluate(expr.right, storage, grid));
    case "call":
      return call(expr, storage, grid);
    default:
      return unreachable(expr);
  }
}

function negate(value: Value): Value {
  if (value.type === "scalar") return { type: "scalar", values: value.values.map((x) => -x) };
  const series = asVector(value, "unary expression");
  return { type: "vector", series: mergeEqual(series.map((s) => mapSeries(s, withoutName(s.labels), (x) => -x))) };
}

function call(expr: Call, storage: SampleStorage, grid: StepGrid): Value {
  const range = RANGE_FUNCTIONS[expr.name];
  const entry = VALUE_FUNCTIONS[expr.name];
  const wanted = range === undefined ? entry?.args : 1;
  if (wanted === undefined) throw cannotAnswer(`the function ${expr.name}`);
  if (expr.args.length !== wanted) {
    throw badData(`expected ${wanted} argument(s) in call to "${expr.name}", got ${expr.args.length}`);
  }
  const [first] = expr.args;
  if (range !== undefined) {
    if (first?.kind !== "matrix") throw badData(`expected type range vector in call to function "${expr.name}"`);
    const labelsOf =
      expr.name === "last_over_time" ? (labels: Readonly<Record<string, string>>) => labels : withoutName;
    const series = overWindows(storage, first, grid, labelsOf, range);
    const oneMetric = metricName(first.selector.matchers) !== null;
    return { type: "vector", series: oneMetric ? series : demandDistinct(series) };
  }
  if (expr.name === "timestamp" && first?.kind === "vector") {
    const series = instantVector(storage, first, grid, "time");
    return { type: "vector", series: mergeEqual(series.map((s) => ({ ...s, labels: withoutName(s.labels) }))) };
  }
  return entry!.call(
    expr.args.map((arg) => evaluate(arg, storage, grid)),
    grid,
  );
}
