import type { FC } from "hono/jsx";
import { formatCount } from "../../core/text/format.ts";
import { pathOf } from "../data.ts";
import type { MapEdge, MapNode, NodeLook, ServiceGraph } from "./graph.ts";
import type { Placed, Point } from "./layout.ts";

/** A sign and a word for each look, which read without colour. */
export const LOOKS: Readonly<Record<NodeLook, { readonly sign: string; readonly word: string; readonly v: string }>> = {
  hit: { sign: "⚡", word: "hit", v: "v-hit" },
  "not recovered": { sign: "✕", word: "not recovered", v: "v-persistent" },
  recovered: { sign: "◐", word: "recovered", v: "v-transient" },
  unaffected: { sign: "●", word: "unaffected", v: "v-steady" },
  unknown: { sign: "?", word: "unknown", v: "v-inconclusive" },
  none: { sign: "", word: "nothing known", v: "v-none" },
};

/** Longer names are cut in a box; the whole name is its title. */
const NAME_CHARS = 21;

/** A graph that was placed, as SVG with a link in each box. */
export const MapDrawing: FC<{ graph: ServiceGraph; placed: Placed; label: string }> = ({ graph, placed, label }) => (
  // a region that scrolls is reached by the keyboard, too
  <section class="map" tabindex={0} aria-label={label}>
    <svg
      xmlns="http://www.w3.org/2000/svg"
      viewBox={`0 0 ${placed.width} ${placed.height}`}
      width={placed.width}
      height={placed.height}
    >
      <title>{label}</title>
      <defs>
        <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0L8 4L0 8z" class="tip" />
        </marker>
      </defs>
      {graph.edges.map((edge, i) => (
        <Arrow edge={edge} points={placed.arrows[i] ?? []} />
      ))}
      {graph.nodes.map((node, i) => (
        <Box node={node} at={placed.boxes[i] ?? { x: 0, y: 0 }} />
      ))}
    </svg>
  </section>
);

const Arrow: FC<{ edge: MapEdge; points: readonly Point[] }> = ({ edge, points }) =>
  points.length === 0 ? null : (
    <path d={curveOf(points)} class={edge.tcp ? "call tcp" : "call"} marker-end="url(#tip)">
      <title>{`${edge.from} calls ${edge.to}: ${rateText(edge)}`}</title>
    </path>
  );

/** Smooth through the middle of each stretch, straight into both ends. */
function curveOf(points: readonly Point[]): string {
  const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;
  const [first, ...others] = points;
  const last = others.at(-1);
  if (first === undefined || last === undefined) return "";
  const bends = others.slice(0, -1).map((point, i) => {
    const next = others[i + 1] ?? last;
    const end = i === others.length - 2 ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${at(point)} ${at(end)}`;
  });
  return `M${at(first)}${bends.length === 0 ? `L${at(last)}` : bends.join("")}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** `20 requests/s`, `connections`: what is known of how much. */
export function rateText({ tcp, perSecond }: Pick<MapEdge, "tcp" | "perSecond">): string {
  const what = tcp ? "connections" : "requests";
  if (perSecond === 0) return `${what}, none opened lately`.replace("requests, none opened", "requests, none");
  return `${perSecond < 10 ? Number(perSecond.toFixed(1)) : formatCount(perSecond)} ${what}/s`;
}

const Box: FC<{ node: MapNode; at: Point }> = ({ node: { id, look, size }, at: { x, y } }) => {
  const { sign, word, v } = LOOKS[look];
  const slash = id.indexOf("/");
  const [name, below] =
    size === null ? [id.slice(slash + 1), id.slice(0, Math.max(0, slash))] : [id, `${size} services`];
  return (
    <a href={size === null ? pathOf.service(id) : pathOf.family(id)}>
      <g transform={`translate(${round(x - 86)} ${round(y - 20)})`} class={v}>
        <title>{`${id}: ${word}`}</title>
        <rect width="172" height="40" rx={size === null ? 7 : 16} class="box" />
        <text x="12" y="17" class="name">
          {cut(name)}
        </text>
        <text x="12" y="32" class="below">
          {cut(below)}
        </text>
        <text x="160" y="25" class="sign" text-anchor="end">
          {sign}
        </text>
      </g>
    </a>
  );
};

const cut = (text: string): string => (text.length <= NAME_CHARS ? text : `${text.slice(0, NAME_CHARS - 1)}…`);

/** What the signs of a drawing mean, as far as they occur in it. */
export const MapLegend: FC<{ graph: ServiceGraph }> = ({ graph }) => (
  <p class="legend">
    {(Object.keys(LOOKS) as NodeLook[])
      .filter((look) => look !== "none" && graph.nodes.some((node) => node.look === look))
      .map((look) => (
        <span class={`pill ${LOOKS[look].v}`}>
          <i aria-hidden="true">{LOOKS[look].sign}</i>
          {LOOKS[look].word}
        </span>
      ))}
    <span>arrows go from who calls to who is called; dashed: TCP</span>
  </p>
);
