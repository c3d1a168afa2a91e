import type { Expr, MatrixSelector } from "../promql/ast.ts";
import { badData } from "../promql/errors.ts";
import { evaluate } from "../promql/evaluate.ts";
import type { Labels } from "../promql/labels.ts";
import { withoutStale } from "../promql/selectors.ts";
import type { SampleStorage } from "../promql/storage.ts";
import type { StepGrid, StepSeries } from "../promql/values.ts";

/** `[seconds, "value"]` */
export type Point = readonly [number, string];

/** The `data` of a query's answer. */
export type QueryData =
  | { readonly resultType: "vector"; readonly result: readonly { metric: Labels; value: Point }[] }
  | { readonly resultType: "matrix"; readonly result: readonly { metric: Labels; values: readonly Point[] }[] }
  | { readonly resultType: "scalar" | "string"; readonly result: Point };

/** A number as Prometheus writes it into JSON. */
export function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return String(value);
}

const point = (timeMs: number, value: number): Point => [timeMs / 1_000, formatValue(value)];

/** `/api/v1/query` @throws PromqlError */
export function instantQuery(storage: SampleStorage, expr: Expr, atMs: number): QueryData {
  if (expr.kind === "matrix") return rawSamples(storage, expr, atMs);
  const value = evaluate(expr, storage, { startMs: atMs, stepMs: 1, steps: 1 });
  if (value.type === "string") return { resultType: "string", result: [atMs / 1_000, value.value] };
  if (value.type === "scalar") return { resultType: "scalar", result: point(atMs, value.values[0]!) };
  const result = value.series
    .filter((one) => one.present[0] === 1)
    .map((one) => ({ metric: one.labels, value: point(atMs, one.values[0]!) }));
  return { resultType: "vector", result };
}

function rawSamples(storage: SampleStorage, { selector, rangeMs }: MatrixSelector, atMs: number): QueryData {
  const endMs = atMs - selector.offsetMs;
  const result: { metric: Labels; values: readonly Point[] }[] = [];
  for (const series of storage.select(selector.matchers, endMs - rangeMs, endMs)) {
    const { labels, timesMs, values } = withoutStale(series);
    if (timesMs.length === 0) continue;
    result.push({ metric: labels, values: Array.from(timesMs, (timeMs, i) => point(timeMs, values[i]!)) });
  }
  return { resultType: "matrix", result };
}

/** `/api/v1/query_range` @throws PromqlError */
export function rangeQuery(storage: SampleStorage, expr: Expr, grid: StepGrid): QueryData {
  if (expr.kind === "matrix" || expr.kind === "string") {
    const type = expr.kind === "matrix" ? "range vector" : "string";
    throw badData(
      `invalid parameter "query": invalid expression type "${type}" for range query, must be Scalar or instant Vector`,
    );
  }
  const value = evaluate(expr, storage, grid);
  if (value.type === "string")
    throw badData('invalid parameter "query": invalid expression type "string" for range query');
  if (value.type === "vector") {
    const result = value.series.map((one) => ({ metric: one.labels, values: points(one, grid) }));
    return { resultType: "matrix", result: result.filter(({ values }) => values.length > 0) };
  }
  const present = new Uint8Array(grid.steps).fill(1);
  const values = points({ labels: {}, values: value.values, present }, grid);
  return { resultType: "matrix", result: [{ metric: {}, values }] };
}

function points(series: StepSeries, grid: StepGrid): Point[] {
  const found: Point[] = [];
  for (let i = 0; i < grid.steps; i++) {
    if (series.present[i] === 1) found.push(point(grid.startMs + i * grid.stepMs, series.values[i]!));
  }
  return found;
}
