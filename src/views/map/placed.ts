import type { ServiceGraph } from "./graph.ts";
import type { Placed } from "./layout.ts";

/** Layouts that are kept: one takes a hundred times as long as drawing it. */
const KEPT = 32;
const kept = new Map<string, Placed>();

/** Where everything of `graph` lies; worked out once for the same boxes and arrows. */
export async function placedOf(graph: ServiceGraph): Promise<Placed> {
  const key = JSON.stringify([graph.nodes.map(({ id }) => id), graph.edges.map(({ from, to }) => [from, to])]);
  const known = kept.get(key);
  if (known !== undefined) return known;
  const { place } = await import("./layout.ts");
  const placed = place(graph);
  kept.set(key, placed);
  const [oldest] = kept.size > KEPT ? kept.keys() : [];
  if (oldest !== undefined) kept.delete(oldest);
  return placed;
}
