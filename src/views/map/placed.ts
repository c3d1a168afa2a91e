import type { ServiceGraph } from "./graph.ts";
import type { Placed } from "./layout.ts";

/** Layouts that are kept: one takes a hundred times as long as drawing it. */
const KEPT = 32;

/** Where everything of a graph lies. */
export type PlacedOf = (graph: ServiceGraph) => Promise<Placed>;

/** Places graphs; the same boxes and arrows are worked out once. */
export function placements(): PlacedOf {
  const kept = new Map<string, Placed>();
  return async (graph) => {
    const key = JSON.stringify([graph.nodes.map(({ id }) => id), graph.edges.map(({ from, to }) => [from, to])]);
    const known = kept.get(key);
    if (known !== undefined) return known;
    const { place } = await import("./layout.ts");
    const placed = place(graph);
    kept.set(key, placed);
    const [oldest] = kept.size > KEPT ? kept.keys() : [];
    if (oldest !== undefined) kept.delete(oldest);
    return placed;
  };
}
