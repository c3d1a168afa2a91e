import { AftershockError } from "../../../core/model/error.ts";
import type { InjectionOrder } from "../../../ports/faults.ts";
import type { KubernetesClient } from "../client/client.ts";
import { fewAtATime } from "../client/few-at-a-time.ts";
import { listAll } from "../client/lists.ts";
import { ZONE_LABEL } from "../read/nodes.ts";
import { cordon, cordonedNodes } from "./cordon.ts";
import { cleanUpSignal, type FaultHandler } from "./handler.ts";
import { areOf, type MarkedOrder } from "./marks.ts";
import { deletePod } from "./pod-delete.ts";
import { wasAnyPodTaken } from "./pod-gone.ts";

/**
 * Nearly a crash: SIGKILL a second after SIGTERM, and yet the object stays until the node confirms,
 * so that no identity exists twice.
 */
const GRACE_SECONDS = 1;

/**
 * A zone may have hundreds of nodes, and all of them are to be cordoned before the call is given
 * up.
 */
const AT_A_TIME = 8;

/**
 * Takes one zone away from the order's pods: its nodes are cordoned, so that nothing is replaced
 * there, and the pods deleted with hardly a grace period. Pods of other workloads in that zone go
 * on.
 */
export function zoneOutage(client: KubernetesClient): FaultHandler {
  return {
    kinds: ["zone-outage"],
    async inject(order, signal) {
      const zone = neededZone(order);
      if (order.target.pods.length === 0) return { kind: "not-injected", why: `no pod to take from zone ${zone}` };
      const { taken, refusals } = await takeZone(client, order, zone, signal).catch(async (cause: unknown) => {
        await uncordonAll(client, order, cleanUpSignal()).catch(() => undefined); // else the sweep does it
        throw cause;
      });
      if (taken > 0) return { kind: "injected" };
      await uncordonAll(client, order, cleanUpSignal());
      return { kind: "not-injected", why: `no pod could be taken from zone ${zone}: ${refusals.join("; ")}` };
    },
    undo: (order, signal) => uncordonAll(client, order, signal),
    wasDone: (order, signal) => wasAnyPodTaken(client, order, signal),
    standing: (signal) => cordonedNodes(client, signal),
  };
}

async function takeZone(
  client: KubernetesClient,
  order: MarkedOrder,
  zone: string,
  signal: AbortSignal,
): Promise<{ readonly taken: number; readonly refusals: readonly string[] }> {
  const refusals = await cordonZone(client, order, zone, signal);
  let taken = 0;
  for (const pod of order.target.pods) {
    const result = await deletePod(client, order, pod, signal, GRACE_SECONDS);
    if (result.kind === "done") taken += 1;
    else refusals.push(result.why);
  }
  return { taken, refusals };
}

/**
 * A node that somebody else cordoned is closed already: not ours to open again, and no reason to
 * stop.
 */
async function cordonZone(
  client: KubernetesClient,
  order: MarkedOrder,
  zone: string,
  signal: AbortSignal,
): Promise<string[]> {
  const nodes = await listAll(client, "nodes", null, signal, { labelSelector: `${ZONE_LABEL}=${zone}` });
  const refusals = await fewAtATime(nodes.items, AT_A_TIME, ({ metadata }) =>
    cordon(client, order, metadata?.name ?? "", signal),
  );
  return refusals.filter((why) => why !== null);
}

async function uncordonAll(client: KubernetesClient, order: MarkedOrder, signal: AbortSignal): Promise<void> {
  const standing = await cordonedNodes(client, signal);
  const ours = standing.filter((one) => areOf(one, order));
  await fewAtATime(ours, AT_A_TIME, (one) => one.undo(signal));
}

function neededZone({ fault, target }: InjectionOrder): string {
  if (target.zone !== null) return target.zone;
  throw new AftershockError("usage", `${fault.kind} needs a zone`, { hint: `nodes carry it as label ${ZONE_LABEL}` });
}
