import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "../../src/adapters/kubernetes/client/client.ts";
import { listAll } from "../../src/adapters/kubernetes/client/lists.ts";
import { collectionPath, objectPath } from "../../src/adapters/kubernetes/client/paths.ts";

export const NAMESPACE = "aftershock-scale";
const REPLICAS = 50;
const STAND_UP_MS = 600_000;
const MINUTE_MS = 60_000;

/** Many pods on the cluster's fake nodes, in Deployments of 50 with a Service each. */
export interface Crowd extends AsyncDisposable {
  /**
   * Changes pods until `signal` aborts, evenly spread: so many watch events a minute. Answers how
   * many it made, and over what time.
   */
  stir(eventsPerMinute: number, signal: AbortSignal): Promise<{ readonly events: number; readonly ms: number }>;
}

/**
 * Makes the crowd and waits until every pod is Ready. @throws Error when that takes more than ten
 * minutes (no fake nodes?)
 */
export async function makeCrowd(pods: number): Promise<Crowd> {
  const client = connect();
  const forever = new AbortController().signal;
  const create = (path: string, body: object): Promise<object> =>
    client.request({ method: "POST", path, body }, forever);
  await create(collectionPath("namespaces", null), { metadata: { name: NAMESPACE } });
  for (let i = 0; i < pods / REPLICAS; i++) {
    const { deployment, service } = application(`crowd-${i}`);
    await create(collectionPath("deployments", NAMESPACE), deployment);
    await create(collectionPath("services", NAMESPACE), service);
  }

  const names = async () => {
    const { items } = await listAll(client, "pods", NAMESPACE, forever);
    return items.filter(isReady).map((pod) => pod.metadata?.name ?? "");
  };
  const giveUpMs = Date.now() + STAND_UP_MS;
  // a machine that is busy with so many new pods may leave a list unanswered
  const readyNow = async (before: number): Promise<number> => (await names().catch(() => null))?.length ?? before;
  for (let ready = 0; ready < pods; ready = await readyNow(ready)) {
    if (Date.now() > giveUpMs) throw new Error(`only ${ready} of ${pods} pods became Ready in ten minutes`);
    await sleep(1_000);
  }

  return {
    async stir(eventsPerMinute, signal) {
      const all = await names();
      const startMs = Date.now();
      let events = 0;
      const inFlight = new Set<Promise<unknown>>();
      while (!signal.aborted) {
        const due = ((Date.now() - startMs) / MINUTE_MS) * eventsPerMinute;
        while (events < due) {
          const name = all[events % all.length]!;
          const body = { metadata: { annotations: { "example.org/stirred": String(events++) } } };
          const patch = client
            .request({ method: "PATCH", path: objectPath("pods", NAMESPACE, name), body }, signal)
            // A pod that an experiment deleted meanwhile is an event all the same.
            .catch(() => undefined)
            .finally(() => inFlight.delete(patch));
          inFlight.add(patch);
        }
        await sleep(50);
      }
      await Promise.all(inFlight);
      return { events, ms: Date.now() - startMs };
    },
    async [Symbol.asyncDispose]() {
      const path = objectPath("namespaces", null, NAMESPACE);
      await client.request({ method: "DELETE", path }, forever).catch(() => undefined);
      await client.close();
    },
  };
}

const isReady = (pod: { status?: { conditions?: readonly { type: string; status: string }[] } }): boolean =>
  pod.status?.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;

function application(name: string): { readonly deployment: object; readonly service: object } {
  const metadata = { name, namespace: NAMESPACE };
  const labels = { app: name };
  const deployment = {
    metadata,
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { "kube-lab/ready-after": "1s", "kube-lab/delete-after": "1s" } },
        spec: {
          nodeSelector: { type: "fake" },
          tolerations: [{ key: "kwok.x-k8s.io/node", operator: "Exists" }],
          containers: [{ name: "app", image: "none" }],
        },
      },
    },
  };
  const service = {
    metadata,
    spec: { selector: labels, ports: [{ name: "http", port: 8080 }] },
  };
  return { deployment, service };
}
