import { badData, executionError } from "./errors.ts";
import { withLabel, withoutName } from "./labels.ts";
import { anchored } from "./matchers.ts";
import { mapSeries, mergeEqual, newSeries, type StepGrid, type StepSeries, type Value } from "./values.ts";

const stepTimes = (grid: StepGrid): Float64Array =>
  Float64Array.from({ length: grid.steps }, (_, i) => (grid.startMs + i * grid.stepMs) / 1_000);

/** A function of values (not of ranges). `args` were checked for number, not for type. */
export type ValueFunction = (args: readonly Value[], grid: StepGrid) => Value;

export function asVector(value: Value | undefined, where: string): readonly StepSeries[] {
  if (value?.type !== "vector")
    throw badData(`expected type instant vector in ${where}, got ${value?.type ?? "nothing"}`);
  return value.series;
}

export function asScalar(value: Value | undefined, where: string): Float64Array {
  if (value?.type !== "scalar") throw badData(`expected type scalar in ${where}, got ${value?.type ?? "nothing"}`);
  return value.values;
}

function asString(value: Value | undefined, where: string): string {
  if (value?.type !== "string") throw badData(`expected type string in ${where}, got ${value?.type ?? "nothing"}`);
  return value.value;
}

const each =
  (name: string, f: (value: number) => number): ValueFunction =>
  ([arg]) => ({
    type: "vector",
    series: mergeEqual(asVector(arg, `call to function "${name}"`).map((s) => mapSeries(s, withoutName(s.labels), f))),
  });

/**
 * `timestamp()` of anything but a selector is the evaluation time; a selector is handled where
 * samples are read.
 */
const timestamp: ValueFunction = ([arg], grid) => {
  const times = stepTimes(grid);
  const series = asVector(arg, 'call to function "timestamp"');
  return {
    type: "vector",
    series: mergeEqual(series.map((s) => ({ ...s, labels: withoutName(s.labels), values: times }))),
  };
};

const labelReplace: ValueFunction = (args) => {
  const where = 'call to function "label_replace"';
  const [target, replacement, source, pattern] = [1, 2, 3, 4].map((i) => asString(args[i], where)) as [
    string,
    string,
    string,
    string,
  ];
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(target))
    throw executionError(`invalid destination label name in label_replace(): ${target}`);
  const expression = anchored(pattern);
  const series = asVector(args[0], where).map((one) => {
    const match = expression.exec(one.labels[source] ?? "");
    return match === null ? one : { ...one, labels: withLabel(one.labels, target, expand(replacement, match)) };
  });
  return { type: "vector", series: mergeEqual(series) };
};

/** Go's template of `Regexp.Expand`: `$1`, `${1}`, `$$`; an unknown group is empty. */
const expand = (template: string, match: RegExpExecArray): string =>
  template.replace(/\$(?:(\$)|\{(\w+)\}|(\w+))/g, (_, dollar?: string, braced?: string, bare?: string) => {
    if (dollar !== undefined) return "$";
    return match[Number(braced ?? bare)] ?? "";
  });

const vector: ValueFunction = ([arg], grid) => {
  const values = asScalar(arg, 'call to function "vector"');
  return { type: "vector", series: [{ labels: {}, values, present: new Uint8Array(grid.steps).fill(1) }] };
};

/** The only series' value; NaN where there is none or more than one. */
const scalar: ValueFunction = ([arg], grid) => {
  const series = asVector(arg, 'call to function "scalar"');
  const values = new Float64Array(grid.steps).fill(Number.NaN);
  for (let i = 0; i < grid.steps; i++) {
    const there = series.filter((one) => one.present[i] === 1);
    if (there.length === 1) values[i] = there[0]!.values[i]!;
  }
  return { type: "scalar", values };
};

const clamp =
  (name: string, low: boolean): ValueFunction =>
  ([arg, bound]) => {
    const bounds = asScalar(bound, `call to function "${name}"`);
    const series = asVector(arg, `call to function "${name}"`).map((one) => {
      const result = newSeries(withoutName(one.labels), bounds.length);
      result.present.set(one.present);
      for (let i = 0; i < bounds.length; i++) {
        result.values[i] = low ? Math.max(bounds[i]!, one.values[i]!) : Math.min(bounds[i]!, one.values[i]!);
      }
      return result;
    });
    return { type: "vector", series: mergeEqual(series) };
  };

export interface FunctionEntry {
  readonly args: number;
  readonly call: ValueFunction;
}

export const VALUE_FUNCTIONS: Readonly<Record<string, FunctionEntry>> = {
  timestamp: { args: 1, call: timestamp },
  label_replace: { args: 5, call: labelReplace },
  vector: { args: 1, call: vector },
  scalar: { args: 1, call: scalar },
  time: { args: 0, call: (_, grid) => ({ type: "scalar", values: stepTimes(grid) }) },
  abs: { args: 1, call: each("abs", Math.abs) },
  ceil: { args: 1, call: each("ceil", Math.ceil) },
  floor: { args: 1, call: each("floor", Math.floor) },
  sqrt: { args: 1, call: each("sqrt", Math.sqrt) },
  exp: { args: 1, call: each("exp", Math.exp) },
  ln: { args: 1, call: each("ln", Math.log) },
  clamp_min: { args: 2, call: clamp("clamp_min", true) },
  clamp_max: { args: 2, call: clamp("clamp_max", false) },
};
