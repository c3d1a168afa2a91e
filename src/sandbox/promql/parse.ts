import { parser } from "@prometheus-io/lezer-promql";
import {
  AGGREGATES,
  type AggregateOp,
  ARITHMETIC,
  type BinaryOp,
  COMPARISON,
  type Expr,
  type Matching,
  SET_OPERATORS,
  type VectorSelector,
} from "./ast.ts";
import { badData, cannotAnswer } from "./errors.ts";
import { METRIC_NAME } from "./labels.ts";
import { parseDurationMs, parseNumber, parseString } from "./literals.ts";
import { type Matcher, type MatchOp, matcher } from "./matchers.ts";

type Node = ReturnType<typeof parser.parse>["topNode"];

const BINARY_OPS: readonly string[] = [...ARITHMETIC, ...COMPARISON, ...SET_OPERATORS];
const NO_MATCHING: Matching = { on: false, labels: [], many: "none", include: [] };

/**
 * Reads a query with the Prometheus project's own grammar.
 * @throws PromqlError bad_data when it is not PromQL, execution when it is but not implemented here
 */
export function parseQuery(query: string): Expr {
  const tree = parser.parse(query);
  tree.iterate({
    enter(node) {
      if (!node.type.isError) return;
      const near = query.slice(node.from, node.from + 20) || "end of input";
      throw badData(`invalid parameter "query": 1:${node.from + 1}: parse error: unexpected ${near}`);
    },
  });
  const body = tree.topNode.firstChild;
  if (body === null)
    throw badData('invalid parameter "query": unknown position: parse error: no expression found in input');
  return read(body, { text: query, offsetsMs: new Map() });
}

/** The text, and the offsets of selectors, by where these begin. */
interface Source {
  readonly text: string;
  readonly offsetsMs: Map<number, number>;
}

const textOf = (node: Node, { text }: Source): string => text.slice(node.from, node.to);

function children(node: Node): Node[] {
  const found: Node[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling) found.push(child);
  return found;
}

function read(node: Node, query: Source): Expr {
  switch (node.name) {
    case "ParenExpr":
      return read(node.firstChild!, query);
    case "NumberDurationLiteral":
      return { kind: "number", value: parseNumber(textOf(node, query)) };
    case "StringLiteral":
      return { kind: "string", value: parseString(textOf(node, query)) };
    case "UnaryExpr":
      return readUnary(node, query);
    case "VectorSelector":
      return readVector(node, query);
    case "MatrixSelector":
      return readMatrix(node, query);
    case "OffsetExpr":
      return readOffset(node, query);
    case "AggregateExpr":
      return readAggregate(node, query);
    case "BinaryExpr":
      return readBinary(node, query);
    case "FunctionCall":
      return readCall(node, query);
    default:
      throw cannotAnswer(`${node.name} (${textOf(node, query)})`);
  }
}

function readUnary(node: Node, query: Source): Expr {
  const [sign, body] = children(node);
  const inner = read(body!, query);
  if (textOf(sign!, query) === "+") return inner;
  return inner.kind === "number" ? { kind: "number", value: -inner.value } : { kind: "negate", body: inner };
}

function readVector(node: Node, query: Source): VectorSelector {
  const matchers: Matcher[] = [];
  for (const part of children(node)) {
    if (part.name === "Identifier") matchers.push(matcher(METRIC_NAME, "=", textOf(part, query)));
    else matchers.push(...children(part).map((condition) => readMatcher(condition, query)));
  }
  if (!matchers.some((m) => !m.matches(""))) {
    throw badData(
      'invalid parameter "query": parse error: vector selector must contain at least one non-empty matcher',
    );
  }
  return { kind: "vector", matchers, offsetMs: query.offsetsMs.get(node.from) ?? 0 };
}

function readMatcher(node: Node, query: Source): Matcher {
  if (node.name !== "UnquotedLabelMatcher") throw cannotAnswer(`the matcher ${textOf(node, query)}`);
  const [name, op, value] = children(node).map((part) => textOf(part, query));
  return matcher(name!, op as MatchOp, parseString(value!));
}

function readMatrix(node: Node, query: Source): Expr {
  const [selector, range] = children(node);
  const inner = read(selector!, query);
  if (inner.kind !== "vector") throw badData("ranges only allowed for vector selectors");
  return { kind: "matrix", selector: inner, rangeMs: parseDurationMs(textOf(range!, query)) };
}

/**
 * An offset belongs to the selector right before it. The grammar gives it to the whole expression
 * to the left, with the precedence that follows; where that would change how operators bind, the
 * query is refused.
 */
function readOffset(node: Node, query: Source): Expr {
  const [body, , duration] = children(node);
  const selector = lastOperand(body!);
  if (selector.name !== "VectorSelector" && selector.name !== "MatrixSelector") {
    throw badData("offset modifier must be preceded by an instant vector selector or range vector selector");
  }
  if (selector !== body && node.parent?.name === "BinaryExpr") {
    throw cannotAnswer(`an offset inside a chain of operators without parentheses (${textOf(node, query)})`);
  }
  const text = textOf(duration!, query);
  query.offsetsMs.set(
    selector.from,
    text.startsWith("-") ? -parseDurationMs(text.slice(1).trim()) : parseDurationMs(text),
  );
  return read(body!, query);
}

const lastOperand = (node: Node): Node =>
  node.name === "BinaryExpr" || node.name === "UnaryExpr" ? lastOperand(node.lastChild!) : node;

const labelNames = (node: Node, query: Source): string[] =>
  children(node).map((part) => {
    const text = textOf(part, query);
    return part.name === "LabelName" ? text : parseString(text);
  });

function readAggregate(node: Node, query: Source): Expr {
  const parts = children(node);
  const op = textOf(parts[0]!, query).toLowerCase();
  if (!AGGREGATES.some((known) => known === op)) throw cannotAnswer(`the aggregation ${op}`);
  const args = children(parts.find((part) => part.name === "FunctionCallBody")!);
  const wanted = op === "quantile" ? 2 : 1;
  if (args.length !== wanted) {
    throw badData(
      `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`,
    );
  }
  const modifier = parts.find((part) => part.name === "AggregateModifier");
  const [word, labels] = modifier === undefined ? [] : children(modifier);
  return {
    kind: "aggregate",
    op: op as AggregateOp,
    parameter: wanted === 2 ? read(args[0]!, query) : null,
    body: read(args.at(-1)!, query),
    without: word?.name === "Without",
    labels: labels === undefined ? [] : labelNames(labels, query),
  };
}

function readBinary(node: Node, query: Source): Expr {
  const parts = children(node);
  const op = textOf(parts[1]!, query).toLowerCase();
  if (!BINARY_OPS.includes(op)) throw cannotAnswer(`the operator ${op}`);
  const modifier = parts.find((part) => part.name === "MatchingModifierClause");
  return {
    kind: "binary",
    op: op as BinaryOp,
    left: read(parts[0]!, query),
    right: read(parts.at(-1)!, query),
    bool: parts.some((part) => part.name === "BoolModifier"),
    matching: modifier === undefined ? NO_MATCHING : readMatching(modifier, query),
  };
}

function readMatching(node: Node, query: Source): Matching {
  const parts = children(node);
  const lists = parts.map((part) => (part.name === "GroupingLabels" ? labelNames(part, query) : []));
  const group = parts.findIndex((part) => part.name === "GroupLeft" || part.name === "GroupRight");
  return {
    on: parts[0]!.name === "On",
    labels: lists[1] ?? [],
    many: group < 0 ? "none" : parts[group]!.name === "GroupLeft" ? "left" : "right",
    include: group < 0 ? [] : (lists[group + 1] ?? []),
  };
}

function readCall(node: Node, query: Source): Expr {
  const [identifier, body] = children(node);
  const args = children(body!).map((arg) => read(arg, query));
  return { kind: "call", name: textOf(identifier!, query), args };
}
