import type { NodePressure } from "../../../core/experiment/node-pressure.ts";
import { SECOND_MS, type Window } from "../../../core/model/units.ts";
import type { Row } from "../client/instant.ts";
import type { Session } from "../client/session.ts";
import type { Labels } from "../signals/classify.ts";

/** Where scrape configurations in use keep the node's name. */
const NAMES = ["node", "nodename", "kubernetes_node", "kubernetes_io_hostname"] as const;

/**
 * How short of CPU `nodes` were in `window`: by node exporter's pressure stall information, or by
 * the usage that the kubelet's cAdvisor counts, where only that is scraped. At most four requests.
 * A node that nobody scrapes is left out.
 */
export async function readNodePressure(
  session: Session,
  nodes: readonly string[],
  { fromMs, toMs }: Window,
): Promise<readonly NodePressure[]> {
  const range = `[${Math.max(Math.round((toMs - fromMs) / SECOND_MS), 1)}s]`;
  const rows = (query: string): Promise<readonly Row[]> => session.rows(query, toMs);
  const waiting = await rows(`rate(node_pressure_cpu_waiting_seconds_total${range})`);
  const names = waiting.some(({ labels }) => !isNamed(labels, nodes)) ? await rows("node_uname_info") : [];
  const byInstance = new Map(names.map(({ labels }) => [labels.instance, labels.nodename]));
  const told = sharesOf(waiting, "waiting", (labels) => nodeOf(labels, nodes, byInstance.get(labels.instance)));
  if (nodes.every((node) => told.has(node))) return [...told.values()];
  const used = await rows(`rate(container_cpu_usage_seconds_total{id="/"}${range})`);
  const cores = new Map(
    used.length === 0 ? [] : (await rows("machine_cpu_cores")).map(({ labels, value }) => [labels.instance, value]),
  );
  const busy = used.map(({ labels, value }) => ({ labels, value: value / (cores.get(labels.instance) ?? Number.NaN) }));
  return [...new Map([...sharesOf(busy, "busy", (labels) => nodeOf(labels, nodes)), ...told]).values()];
}

const isNamed = (labels: Labels, nodes: readonly string[]): boolean => nodeOf(labels, nodes) !== undefined;

/** Which of `nodes` a series speaks of, by its labels or by what `node_uname_info` says. */
const nodeOf = (labels: Labels, nodes: readonly string[], uname?: string): string | undefined =>
  [...NAMES.map((name) => labels[name]), uname, labels.instance?.replace(/:\d+$/, "")].find(
    (name) => name !== undefined && nodes.includes(name),
  );

/** The largest share of each node, which may be scraped twice. */
function sharesOf(
  rows: readonly Row[],
  by: NodePressure["by"],
  nodeNamed: (labels: Labels) => string | undefined,
): Map<string, NodePressure> {
  const told = new Map<string, NodePressure>();
  for (const { labels, value } of rows) {
    const node = nodeNamed(labels);
    if (node === undefined || !(value >= 0)) continue;
    const share = Math.min(Math.max(value, told.get(node)?.share ?? 0), 1);
    told.set(node, { node, by, share });
  }
  return told;
}
