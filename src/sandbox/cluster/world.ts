import { type ServiceId, serviceId } from "../../core/model/cluster.ts";
import type { Catalog, ServiceSpec } from "../catalog/spec.ts";
import { hexDigits, integer, type RandomGenerator, randomFor, uniform, uuid } from "../random.ts";
import type { Traffic } from "../traffic/traffic.ts";
import { Agenda } from "./agenda.ts";
import { autoscalerObject } from "./autoscaler-object.ts";
import { budgetObject, budgetOf } from "./disruption-budget.ts";
import { type Delay, newestRevision, type Revision, type SimNode, type SimPod, type SimWorkload } from "./model.ts";
import type { ObjectStore } from "./object-store.ts";
import { podObject } from "./pod-object.ts";
import { controllerRevisionObject, deploymentObject, replicaSetObject, statefulSetObject } from "./workload-objects.ts";

/** Everything that the parts of the cluster's simulation share. */
export interface World {
  readonly seed: number;
  readonly agenda: Agenda;
  readonly store: ObjectStore;
  readonly traffic: Traffic;
  readonly nodes: readonly SimNode[];
  readonly workloads: ReadonlyMap<ServiceId, SimWorkload>;
  /** Chances of the control plane: delays, names. */
  readonly random: RandomGenerator;
  /** False while the past is built: nobody could have watched it. */
  published: boolean;
}

const DAY_MS = 86_400_000;

/** What a world is made from. */
export interface WorldParts {
  readonly catalog: Catalog;
  readonly seed: number;
  /** Its past begins here. */
  readonly startMs: number;
  /** And ends here. */
  readonly originMs: number;
  readonly store: ObjectStore;
  readonly traffic: Traffic;
}

export function createWorld({ catalog, seed, startMs, originMs, store, traffic }: WorldParts): World {
  const nodes = ["a", "b", "c"].map((zone, i) => makeNode(seed, zone, i, originMs - 60 * DAY_MS));
  const workloads = catalog.services.map((spec, i) => makeWorkload(seed, spec, i, originMs, originMs - startMs));
  return {
    seed,
    agenda: new Agenda(startMs),
    store,
    traffic,
    nodes,
    workloads: new Map(workloads.map((workload) => [workload.id, workload])),
    random: randomFor(seed, "control plane"),
    published: false,
  };
}

const makeNode = (seed: number, zone: string, index: number, createdMs: number): SimNode => ({
  name: `node-${zone}`,
  uid: uuid(randomFor(seed, "node", zone)),
  zone,
  ip: `172.30.0.${11 + index}`,
  subnet: index + 1,
  createdMs,
  nextAddress: 2,
});

function makeWorkload(
  seed: number,
  spec: ServiceSpec,
  index: number,
  originMs: number,
  historyMs: number,
): SimWorkload {
  const id = serviceId(spec.namespace, spec.name);
  const random = randomFor(seed, "workload", id);
  const settledMs = originMs - ageOf(spec, historyMs);
  const createdMs = Math.min(settledMs, originMs - 50 * DAY_MS) - integer(random, 0, 3_600_000);
  const workload: SimWorkload = {
    id,
    spec,
    uid: uuid(random),
    serviceUid: uuid(random),
    clusterIp: `10.96.${1 + (index >> 8)}.${1 + (index & 255)}`,
    createdMs,
    generation: 1,
    revisions: [],
    pods: [],
    availableSinceMs: settledMs,
    available: true,
  };
  if (settledMs > originMs - historyMs) addRevision(workload, {}, createdMs, random);
  addRevision(workload, {}, settledMs, random);
  return workload;
}

/** What clients keep connections to is older than all history. */
export const ageOf = (spec: ServiceSpec, historyMs: number): number =>
  spec.protocol === "tcp" ? Math.max(spec.ageMs, historyMs + DAY_MS) : spec.ageMs;

export function addRevision(
  workload: SimWorkload,
  templateAnnotations: Readonly<Record<string, string>>,
  createdMs: number,
  random: RandomGenerator,
): Revision {
  const revision: Revision = {
    number: workload.revisions.length + 1,
    hash: hexDigits(random, 10),
    uid: uuid(random),
    createdMs,
    templateAnnotations,
    settledMs: createdMs,
  };
  workload.revisions.push(revision);
  workload.generation = workload.revisions.length;
  return revision;
}

/** A delay somewhere in `[fromMs, toMs)`. */
const between = (world: World, fromMs: number, toMs: number): number =>
  Math.round(fromMs + (toMs - fromMs) * uniform(world.random));

/** Runs `run` after a delay somewhere in that range. */
export const afterDelay = (world: World, [fromMs, toMs]: Delay, run: (atMs: number) => void): void =>
  world.agenda.after(between(world, fromMs, toMs), run);

export function publishPod(world: World, pod: SimPod): void {
  if (world.published) world.store.put("pods", podObject(pod));
  publishWorkload(world, pod.workload);
}

/** Everything that controllers say about a workload, as it is now. */
export function publishWorkload(world: World, workload: SimWorkload): void {
  if (!world.published) return;
  const { store, seed } = world;
  if (workload.spec.kind === "Deployment") {
    for (const revision of workload.revisions) store.put("replicasets", replicaSetObject(workload, revision));
    store.put("deployments", deploymentObject(workload));
  } else {
    store.put("controllerrevisions", controllerRevisionObject(workload, newestRevision(workload)));
    store.put("statefulsets", statefulSetObject(workload));
  }
  const budget = budgetOf(workload);
  if (budget !== null) {
    store.put("poddisruptionbudgets", budgetObject(workload, uuid(randomFor(seed, "budget", workload.id)), budget));
  }
  if (workload.spec.autoscaler !== null) {
    const uid = uuid(randomFor(seed, "autoscaler", workload.id));
    store.put("horizontalpodautoscalers", autoscalerObject(workload, uid));
  }
}
