import type { Matcher } from "./matchers.ts";

export interface VectorSelector {
  readonly kind: "vector";
  readonly matchers: readonly Matcher[];
  readonly offsetMs: number;
}

export interface MatrixSelector {
  readonly kind: "matrix";
  readonly selector: VectorSelector;
  readonly rangeMs: number;
}

export const AGGREGATES = ["sum", "avg", "min", "max", "count", "group", "quantile"] as const;
export type AggregateOp = (typeof AGGREGATES)[number];

export interface Aggregate {
  readonly kind: "aggregate";
  readonly op: AggregateOp;
  /** The number before the body, for `quantile`. */
  readonly parameter: Expr | null;
  readonly body: Expr;
  readonly without: boolean;
  readonly labels: readonly string[];
}

export const ARITHMETIC = ["+", "-", "*", "/", "%", "^"] as const;
export const COMPARISON = ["==", "!=", ">", "<", ">=", "<="] as const;
export const SET_OPERATORS = ["and", "or", "unless"] as const;
export type BinaryOp = (typeof ARITHMETIC)[number] | (typeof COMPARISON)[number] | (typeof SET_OPERATORS)[number];

export interface Matching {
  /** `on (labels)` or, when false, `ignoring (labels)`. */
  readonly on: boolean;
  readonly labels: readonly string[];
  /** Which side may have several series for one match. */
  readonly many: "none" | "left" | "right";
  readonly include: readonly string[];
}

export interface Binary {
  readonly kind: "binary";
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
  readonly bool: boolean;
  readonly matching: Matching;
}

export interface Call {
  readonly kind: "call";
  readonly name: string;
  readonly args: readonly Expr[];
}

export type Expr =
  | VectorSelector
  | MatrixSelector
  | Aggregate
  | Binary
  | Call
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "negate"; readonly body: Expr };
