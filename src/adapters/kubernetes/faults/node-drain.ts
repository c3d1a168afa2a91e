import type { PodRef } from "../../../core/model/cluster.ts";
import { SECOND_MS } from "../../../core/model/units.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { InjectionOrder } from "../../../ports/faults.ts";
import type { KubernetesClient } from "../client/client.ts";
import { cordon, cordonedNodes, uncordon } from "./cordon.ts";
import { cleanUpSignal, type FaultHandler, neededNode } from "./handler.ts";
import { areOf, type MarkedOrder, type Marks } from "./marks.ts";
import { evictPod } from "./pod-evict.ts";
import { wasAnyPodTaken } from "./pod-gone.ts";

/** Between two tries of evictions that a budget refused. */
const RETRY_MS = 2 * SECOND_MS;
/**
 * How long budgets and a slow server may hold a drain up before it goes on with what was evicted:
 * less than a call may take, or its outcome would be lost.
 */
const PATIENCE_MS = 10 * SECOND_MS;

/**
 * Cordons a node and evicts the order's pods from it, in the way of `kubectl drain` but with little
 * patience; undo makes it schedulable again.
 */
export function nodeDrain(client: KubernetesClient, clock: Clock): FaultHandler {
  return {
    kinds: ["node-drain"],
    async inject(order, signal) {
      const node = neededNode(order);
      if (order.target.pods.length === 0) return { kind: "not-injected", why: `no pod to evict on node ${node}` };
      const why = await cordon(client, order, node, signal);
      if (why !== null) return { kind: "not-injected", why };
      const untilMs = Math.min(order.expiresMs, clock.nowMs() + PATIENCE_MS);
      const { evicted, refusals } = await orUncordon(client, order, node, () =>
        evictAll(client, clock, order, untilMs, signal),
      );
      if (evicted > 0) return { kind: "injected" };
      await uncordon(client, isOf(order), node, cleanUpSignal());
      return { kind: "not-injected", why: `nothing could be evicted from node ${node}: ${refusals.join("; ")}` };
    },
    undo: async (order, signal) => void (await uncordon(client, isOf(order), neededNode(order), signal)),
    // a cordon moves nothing by itself: only a pod that went is a drain
    wasDone: (order, signal) => wasAnyPodTaken(client, order, signal),
    standing: (signal) => cordonedNodes(client, signal),
  };
}

/**
 * An eviction that nobody knows the end of leaves no cordon behind; whether a pod went is looked up
 * later.
 */
async function orUncordon<T>(
  client: KubernetesClient,
  order: MarkedOrder,
  node: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    await uncordon(client, isOf(order), node, cleanUpSignal()).catch(() => undefined); // else the sweep does it
    throw cause;
  }
}

const isOf =
  (order: MarkedOrder) =>
  (marks: Marks | null): boolean =>
    areOf(marks, order);

async function evictAll(
  client: KubernetesClient,
  clock: Clock,
  order: InjectionOrder,
  untilMs: number,
  signal: AbortSignal,
): Promise<{ evicted: number; refusals: string[] }> {
  let evicted = 0;
  let left = order.target.pods;
  while (true) {
    const refusals: string[] = [];
    const held: PodRef[] = [];
    for (const pod of left) {
      if (evicted > 0 && clock.nowMs() > untilMs) break;
      const result = await evictPod(client, order, pod, signal);
      if (result.kind === "done") evicted += 1;
      else refusals.push(result.why);
      if (result.kind === "budget") held.push(pod);
    }
    if (held.length === 0 || clock.nowMs() + RETRY_MS > untilMs) return { evicted, refusals };
    left = held;
    await clock.sleep(RETRY_MS, signal);
  }
}
