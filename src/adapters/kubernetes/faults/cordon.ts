import type { V1Node } from "@kubernetes/client-node";
import { hasCode } from "../../../core/model/error.ts";
import type { KubernetesClient } from "../client/client.ts";
import { listAll } from "../client/lists.ts";
import { objectPath } from "../client/paths.ts";
import { retryConflict } from "../client/retry-conflict.ts";
import type { Standing } from "./handler.ts";
import {
  areOf,
  describeMarks,
  type MarkedOrder,
  type Marks,
  marksFor,
  NO_MARKS,
  readMarks,
  sameMarks,
} from "./marks.ts";

/**
 * Marks the node unschedulable, with our name and expiry on it. Answers why not when it is cordoned
 * already, gone, or not ours to change.
 */
export async function cordon(
  client: KubernetesClient,
  order: MarkedOrder,
  name: string,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    return await retryConflict(async () => {
      const node = await readNode(client, name, signal);
      const marks = readMarks(node.metadata?.annotations);
      if (areOf(marks, order)) return null;
      if (marks !== null) return `node ${name} is in use by ${describeMarks(marks)}`;
      if (node.spec?.unschedulable === true) return `node ${name} was cordoned by somebody else`;
      await patchNode(client, node, { annotations: marksFor(order), unschedulable: true }, signal, order.whyNot);
      return null;
    });
  } catch (cause) {
    if (hasCode(cause, "cluster-gone")) return `node ${name} is gone`;
    throw cause;
  }
}

/**
 * Takes back a cordon of ours; a node whose marks `isIt` refuses, or that is gone, is left alone.
 * True when something was undone.
 */
export async function uncordon(
  client: KubernetesClient,
  isIt: (marks: Marks | null) => boolean,
  name: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await retryConflict(async () => {
      const node = await readNode(client, name, signal);
      if (!isIt(readMarks(node.metadata?.annotations))) return false;
      await patchNode(client, node, { annotations: NO_MARKS, unschedulable: null }, signal);
      return true;
    });
  } catch (cause) {
    if (hasCode(cause, "cluster-gone")) return false;
    throw cause;
  }
}

/** Every node that carries a cordon of ours. */
export async function cordonedNodes(client: KubernetesClient, signal: AbortSignal): Promise<Standing[]> {
  const all = await listAll(client, "nodes", null, signal);
  return all.items.flatMap(({ metadata }) => {
    const marks = readMarks(metadata?.annotations);
    const name = metadata?.name ?? "";
    if (marks === null) return [];
    const isIt = (now: Marks | null) => sameMarks(now, marks);
    const undo = async (signal: AbortSignal) => void (await uncordon(client, isIt, name, signal));
    return [{ what: `cordon of node ${name}`, ...marks, undo }];
  });
}

const readNode = (client: KubernetesClient, name: string, signal: AbortSignal): Promise<V1Node> =>
  client.request<V1Node>({ method: "GET", path: objectPath("nodes", null, name) }, signal);

/** Changes the node only if nobody changed it since it was read. */
async function patchNode(
  client: KubernetesClient,
  node: V1Node,
  change: {
    readonly annotations: Readonly<Record<string, string | null>>;
    readonly unschedulable: true | null;
  },
  signal: AbortSignal,
  whyNot?: MarkedOrder["whyNot"],
): Promise<void> {
  const { annotations, unschedulable } = change;
  const name = node.metadata?.name ?? "";
  const body = { metadata: { resourceVersion: node.metadata?.resourceVersion, annotations }, spec: { unschedulable } };
  await client.request({ method: "PATCH", path: objectPath("nodes", null, name), body, whyNot }, signal);
}
