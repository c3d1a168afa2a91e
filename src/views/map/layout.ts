/**
 * Where boxes and arrows of the service map lie. Import it lazily only: dagre is needed by nobody
 * who looks at no map.
 */
import { Graph, layout } from "@dagrejs/dagre";
import type { ServiceGraph } from "./graph.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Placed {
  readonly width: number;
  readonly height: number;
  /** Middle of each box, in the order of the graph's nodes. */
  readonly boxes: readonly Point[];
  /** Bends of each arrow, in the order of the graph's edges. */
  readonly arrows: readonly (readonly Point[])[];
}

export const BOX_WIDTH = 172;
export const BOX_HEIGHT = 40;
const MARGIN = 8;

/** Layers from left to right, callers before what they call. The same graph is placed the same. */
export function place({ nodes, edges }: ServiceGraph): Placed {
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 56, marginx: MARGIN, marginy: MARGIN });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { width: BOX_WIDTH, height: BOX_HEIGHT });
  const known = new Set(nodes.map(({ id }) => id));
  for (const { from, to } of edges) if (known.has(from) && known.has(to)) graph.setEdge(from, to);
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    boxes: nodes.map(({ id }) => graph.node(id) as Point),
    arrows: edges.map(({ from, to }) => (graph.edge(from, to) as { points?: Point[] } | undefined)?.points ?? []),
  };
}
