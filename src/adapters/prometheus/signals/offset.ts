import { parser } from "@prometheus-io/lezer-promql";
import { durationMs } from "./promql.ts";

/** Of a selector that already looks at another time. */
const MOVED: ReadonlySet<string> = new Set(["OffsetExpr", "StepInvariantExpr"]);

/**
 * `query` about what was `earlierMs` before: `offset` at every one of its selectors, found by
 * Prometheus' own grammar. Null where a selector looks at another time already: two offsets are no
 * PromQL.
 */
export function withOffset(query: string, earlierMs: number): string | null {
  const places: number[] = [];
  let isMoved = false;
  parser.parse(query).iterate({
    enter({ name, node, to }) {
      if (MOVED.has(name)) isMoved = true;
      if (name === "VectorSelector") places.push(node.parent?.name === "MatrixSelector" ? node.parent.to : to);
    },
  });
  if (isMoved) return null;
  const text = ` offset ${durationMs(earlierMs)}`;
  return places.reduceRight((moved, at) => moved.slice(0, at) + text + moved.slice(at), query);
}
