import type { Catalog } from "../catalog/spec.ts";
import { randomFor, uuid } from "../random.ts";
import { cronJobObject, namespaceObject, nodeObject } from "./cluster-objects.ts";
import { reconcile } from "./controllers.ts";
import { type BudgetState, budgetOf } from "./disruption-budget.ts";
import { type Delay, newestRevision, rfc3339, type SimPod, type SimWorkload } from "./model.ts";
import type { KubeObject, ObjectStore } from "./object-store.ts";
import { livePast } from "./past.ts";
import { PodLife } from "./pod-life.ts";
import { podObject } from "./pod-object.ts";
import { serviceObject } from "./workload-objects.ts";
import {
  addRevision,
  afterDelay,
  createWorld,
  publishPod,
  publishWorkload,
  type World,
  type WorldParts,
} from "./world.ts";

const DAY_MS = 86_400_000;
/** Namespaces without services of their own; Aftershock keeps its lease in its own. */
const OTHER_NAMESPACES = ["aftershock", "default", "kube-node-lease", "kube-public", "kube-system"];
/** Until a controller acts on a change. */
const CONTROLLER_MS: Delay = [20, 90];
/** Kubelets report this often. */
const HEARTBEAT_MS = 300_000;

/** The control plane and the nodes. Nothing moves unless `advance` is called. */
export class Cluster {
  readonly store: ObjectStore;
  readonly #world: World;
  readonly #life: PodLife;
  readonly #originMs: number;

  constructor(made: WorldParts) {
    const { catalog, seed, startMs, originMs } = made;
    this.store = made.store;
    this.#originMs = originMs;
    this.#world = createWorld(made);
    this.#life = new PodLife(this.#world, (workload) => this.#look(workload));
    livePast(this.#world, this.#life, startMs, originMs);
    this.#world.published = true;
    this.#publishAll(catalog, seed);
  }

  get nowMs(): number {
    return this.#world.agenda.nowMs;
  }

  /** Lets everything happen that is due at `toMs`. */
  advance(toMs: number): void {
    this.#world.agenda.advance(toMs);
  }

  /** Runs `run` at `atMs` of the cluster's time. */
  at(atMs: number, run: (atMs: number) => void): void {
    this.#world.agenda.at(atMs, run);
  }

  pod(namespace: string, name: string): SimPod | undefined {
    return [...this.#world.workloads.values()]
      .filter(({ spec }) => spec.namespace === namespace)
      .flatMap(({ pods }) => pods)
      .find((pod) => pod.name === name);
  }

  workload(kind: "Deployment" | "StatefulSet", namespace: string, name: string): SimWorkload | undefined {
    const workload = this.#world.workloads.get(`${namespace}/${name}`);
    return workload?.spec.kind === kind ? workload : undefined;
  }

  /** Deletes a pod; answers how it looks then. */
  deletePod(pod: SimPod, graceSeconds: number): KubeObject {
    this.#life.remove(pod, graceSeconds, false);
    return this.store.get("pods", pod.workload.spec.namespace, pod.name) ?? podObject(pod);
  }

  /** Evicts a pod, or answers the disruption budget that forbids it. */
  evictPod(pod: SimPod, graceSeconds: number): BudgetState | null {
    const budget = budgetOf(pod.workload);
    const counted = pod.deletion === null && pod.ready;
    if (budget !== null && counted && budget.allowed === 0) return budget;
    this.#life.remove(pod, graceSeconds, true);
    return null;
  }

  /**
   * Changes annotations of a Deployment's pod template (null removes one): a new revision is rolled
   * out when that makes a difference.
   */
  annotateTemplate(workload: SimWorkload, changes: Readonly<Record<string, string | null>>): void {
    const { templateAnnotations } = newestRevision(workload);
    const annotations = Object.fromEntries(
      Object.entries({ ...templateAnnotations, ...changes }).filter(
        (entry): entry is [string, string] => entry[1] !== null,
      ),
    );
    if (JSON.stringify(annotations) === JSON.stringify(templateAnnotations)) return;
    addRevision(workload, annotations, this.nowMs, this.#world.random);
    publishWorkload(this.#world, workload);
    this.#look(workload);
  }

  /** Controllers look at the workload in a moment. */
  #look(workload: SimWorkload): void {
    if (!this.#world.published) return;
    afterDelay(this.#world, CONTROLLER_MS, () => reconcile(this.#world, this.#life, workload));
  }

  #publishAll(catalog: Catalog, seed: number): void {
    const createdMs = this.#originMs - 59 * DAY_MS;
    const injected = new Set(catalog.services.map((spec) => spec.namespace));
    for (const name of new Set([...OTHER_NAMESPACES, ...injected])) {
      const uid = uuid(randomFor(seed, "namespace", name));
      this.store.put("namespaces", namespaceObject(name, uid, createdMs, injected.has(name)));
    }
    for (const workload of this.#world.workloads.values()) {
      if (workload.spec.protocol !== "none") this.store.put("services", serviceObject(workload));
      for (const pod of workload.pods) publishPod(this.#world, pod);
      publishWorkload(this.#world, workload);
    }
    for (const job of catalog.cronJobs) {
      const uid = uuid(randomFor(seed, "cronjob", job.namespace, job.name));
      this.store.put("cronjobs", cronJobObject(job, uid, createdMs, this.#originMs - DAY_MS / 4));
    }
    this.#heartbeat(this.nowMs);
  }

  #heartbeat(atMs: number): void {
    for (const node of this.#world.nodes) this.store.put("nodes", nodeObject(node, atMs));
    this.at(atMs + HEARTBEAT_MS, (nextMs) => this.#heartbeat(nextMs));
  }

  /** Now, as Kubernetes writes it. */
  get timestamp(): string {
    return rfc3339(this.nowMs);
  }
}
