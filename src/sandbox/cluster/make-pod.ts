import { integer, nameSuffix, randomFor, uuid } from "../random.ts";
import { SCRAPE_MS, ScrapeTarget } from "../telemetry/target.ts";
import { PROXY_PORT } from "./containers.ts";
import type { Revision, SimNode, SimPod, SimWorkload } from "./model.ts";
import type { World } from "./world.ts";

/** What a pod is made for. */
export interface PodOrder {
  readonly workload: SimWorkload;
  readonly revision: Revision;
  readonly createdMs: number;
  /** Drawn when absent. */
  readonly name: string | undefined;
  /** How many pods the world made before: its draws depend on nothing else. */
  readonly nth: number;
}

/** A pod that still has everything before it, and what it will be given. */
export interface MadePod {
  readonly pod: SimPod;
  readonly node: SimNode;
  readonly ip: string;
}

/** Takes an address of the least used node; the pod is on no list yet. */
export function makePod(world: World, { workload, revision, createdMs, name, nth }: PodOrder): MadePod {
  const random = randomFor(world.seed, "pod", workload.id, nth);
  const node = leastUsed(world, workload);
  const ip = `10.244.${node.subnet}.${node.nextAddress++ % 65_000}`;
  const podName = name ?? `${workload.spec.name}-${revision.hash}-${nameSuffix(random, 5)}`;
  const labels = {
    job: "kubernetes-pods",
    instance: `${ip}:${PROXY_PORT}`,
    namespace: workload.spec.namespace,
    pod: podName,
  };
  const target = new ScrapeTarget(labels, integer(random, 250, SCRAPE_MS - 250), createdMs);
  const uid = uuid(random);
  const pod: SimPod = {
    workload,
    revision,
    name: podName,
    uid,
    createdMs,
    tokenVolume: `kube-api-access-${nameSuffix(random, 5)}`,
    traffic: { name: podName, uid, target, inMesh: false, serving: false, cold: false, connection: { state: "none" } },
    node: null,
    ip: null,
    scheduledMs: null,
    sandboxMs: null,
    startedMs: null,
    ready: false,
    readySinceMs: createdMs,
    restarts: 0,
    lastEndedMs: null,
    deletion: null,
    ended: false,
    stoppedMs: null,
  };
  return { pod, node, ip };
}

/** The node with the fewest pods of the same workload, then of all. */
function leastUsed(world: World, workload: SimWorkload): SimNode {
  const all = [...world.workloads.values()].flatMap(({ pods }) => pods);
  const load = (node: SimNode): number => {
    const own = workload.pods.filter((pod) => pod.node === node).length;
    return own * 1_000 + all.filter((pod) => pod.node === node).length;
  };
  return world.nodes.reduce((best, node) => (load(node) < load(best) ? node : best));
}
