import { type MadePod, makePod } from "./make-pod.ts";
import type { Delay, Revision, SimPod, SimWorkload } from "./model.ts";
import { PodContainer } from "./pod-container.ts";
import { PodRemoval } from "./pod-removal.ts";
import { afterDelay, publishPod, type World } from "./world.ts";

/** Until the scheduler has chosen a node. */
const SCHEDULED_MS: Delay = [30, 130];
/** From there until the pod has an address. */
const SANDBOX_MS: Delay = [450, 1_100];
/** From there until the application's container starts: images, init containers, the proxy. */
const CONTAINER_MS: Delay = [700, 1_500];

/** Scheduler, kubelet and the pods' processes: what happens to one pod, and when. */
export class PodLife {
  readonly #world: World;
  readonly #container: PodContainer;
  readonly #removal: PodRemoval;
  #made = 0;

  /** `changed` is told when controllers should look at a workload again. */
  constructor(world: World, changed: (workload: SimWorkload) => void) {
    this.#world = world;
    this.#container = new PodContainer(world, changed);
    this.#removal = new PodRemoval(world, this.#container, changed);
  }

  /** A new pod that still has everything before it. */
  create(workload: SimWorkload, revision: Revision, name?: string): SimPod {
    const { pod, node, ip } = this.#make(workload, revision, this.#world.agenda.nowMs, name);
    workload.pods.push(pod);
    publishPod(this.#world, pod);
    this.#next(pod, SCHEDULED_MS, (scheduledMs) => {
      pod.node = node;
      pod.scheduledMs = scheduledMs;
      this.#next(pod, SANDBOX_MS, (sandboxMs) => {
        this.#begin(pod, ip, sandboxMs);
        this.#next(pod, CONTAINER_MS, (startedMs) => this.#container.start(pod, startedMs));
      });
    });
    return pod;
  }

  /** Asks it to stop; 0 seconds removes it from the API at once. */
  remove(pod: SimPod, graceSeconds: number, evicted: boolean): void {
    this.#removal.remove(pod, graceSeconds, evicted);
  }

  /** A pod that has been ready since `createdMs`, as the past left it. */
  settled(workload: SimWorkload, revision: Revision, createdMs: number, name?: string): SimPod {
    const { traffic } = this.#world;
    const { pod, node, ip } = this.#make(workload, revision, createdMs, name);
    workload.pods.push(pod);
    Object.assign(pod, { node, ip, scheduledMs: createdMs, sandboxMs: createdMs + 700, startedMs: createdMs + 1_700 });
    Object.assign(pod, { ready: true, readySinceMs: createdMs + 1_700 + workload.spec.readyAfterMs });
    Object.assign(pod.traffic, { inMesh: true, serving: true });
    traffic.add(workload.id, pod.traffic);
    const { connection } = workload.spec;
    const server = connection === null ? undefined : traffic.podsOf(connection.to)[0];
    if (server !== undefined) {
      const edge = traffic.graph.byId.get(workload.id)!.outgoing.find(({ cause }) => cause.kind === "connection")!;
      pod.traffic.connection = { state: "open", to: server };
      traffic.connection("opened", edge, pod.traffic, server, createdMs + 2_000);
    }
    return pod;
  }

  /** Takes a settled pod out, in the past. */
  vanish(pod: SimPod): void {
    const { agenda, traffic } = this.#world;
    const { connection, target } = pod.traffic;
    this.#container.links.ended(pod);
    if (connection.state === "open") pod.traffic.connection = { state: "none" };
    Object.assign(pod.traffic, { inMesh: false, serving: false });
    target.upToMs = agenda.nowMs;
    target.knownToMs = agenda.nowMs + 600;
    pod.workload.pods.splice(pod.workload.pods.indexOf(pod), 1);
    traffic.remove(pod.workload.id, pod.traffic);
  }

  #make(workload: SimWorkload, revision: Revision, createdMs: number, name?: string): MadePod {
    return makePod(this.#world, { workload, revision, createdMs, name, nth: this.#made++ });
  }

  /** The pod has an address and a proxy. */
  #begin(pod: SimPod, ip: string, sandboxMs: number): void {
    pod.ip = ip;
    pod.sandboxMs = sandboxMs;
    pod.readySinceMs = sandboxMs;
    pod.traffic.target.upFromMs = sandboxMs + 200;
    pod.traffic.target.knownFromMs = sandboxMs;
    this.#world.traffic.add(pod.workload.id, pod.traffic);
  }

  /** A step of a pod's beginning, unless it is to go. */
  #next(pod: SimPod, delay: Delay, step: (atMs: number) => void): void {
    afterDelay(this.#world, delay, (atMs) => {
      if (pod.deletion !== null) return;
      step(atMs);
      publishPod(this.#world, pod);
    });
  }
}
