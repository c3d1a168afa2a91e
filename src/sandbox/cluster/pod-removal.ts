import { atWork } from "../traffic/pods.ts";
import type { Delay, SimPod, SimWorkload } from "./model.ts";
import type { PodContainer } from "./pod-container.ts";
import { podObject } from "./pod-object.ts";
import { afterDelay, publishPod, publishWorkload, type World } from "./world.ts";

/** Until the kubelet sees that it must stop a pod. */
const KUBELET_MS: Delay = [60, 260];
/** From the end of the process to a container that has stopped: cut off, and orderly. */
const STOPPED_MS: { readonly abrupt: Delay; readonly orderly: Delay } = { abrupt: [10, 60], orderly: [200, 700] };
/** From there until the API server has the pod no more. */
const FORGOTTEN_MS: Delay = [250, 900];

/** How a pod goes: order to stop, last requests, end of the process, end of the object. */
export class PodRemoval {
  readonly #world: World;
  readonly #container: PodContainer;
  readonly #changed: (workload: SimWorkload) => void;

  constructor(world: World, container: PodContainer, changed: (workload: SimWorkload) => void) {
    this.#world = world;
    this.#container = container;
    this.#changed = changed;
  }

  /** Asks a pod to stop; 0 seconds removes it from the API at once. */
  remove(pod: SimPod, graceSeconds: number, evicted: boolean): void {
    const atMs = this.#world.agenda.nowMs;
    const repeated = pod.deletion !== null;
    if (repeated && graceSeconds >= pod.deletion!.graceSeconds) return;
    pod.deletion = { atMs, dueMs: atMs + graceSeconds * 1_000, graceSeconds, evicted };
    this.#container.pushEndpoint(pod);
    if (graceSeconds === 0) this.#forget(pod);
    else publishPod(this.#world, pod);
    this.#changed(pod.workload);
    if (!repeated || graceSeconds === 0) afterDelay(this.#world, KUBELET_MS, () => this.#stop(pod, graceSeconds));
  }

  /** It serves for as long as it drains, but no longer than its grace. */
  #stop(pod: SimPod, graceSeconds: number): void {
    const { drainMs, finishes, preStopSeconds } = pod.workload.spec;
    const wantsMs = drainMs + (preStopSeconds ?? 0) * 1_000;
    const abrupt = graceSeconds === 0 || wantsMs > graceSeconds * 1_000 || !finishes;
    const servesMs = Math.min(wantsMs, graceSeconds * 1_000);
    this.#world.agenda.after(servesMs, () => this.#end(pod, abrupt));
  }

  /** The process ends. */
  #end(pod: SimPod, abrupt: boolean): void {
    const { agenda, traffic } = this.#world;
    const { links } = this.#container;
    const atMs = agenda.nowMs;
    if (pod.ended) return;
    pod.ended = true;
    if (abrupt && atWork(pod.traffic)) traffic.died(pod.workload.id, pod.traffic, atMs);
    pod.traffic.serving = false;
    links.ended(pod);
    links.serverStopped(pod.traffic);
    traffic.changed(atMs);
    afterDelay(this.#world, abrupt ? STOPPED_MS.abrupt : STOPPED_MS.orderly, (stoppedMs) => {
      pod.stoppedMs = stoppedMs;
      pod.ready = false;
      pod.readySinceMs = stoppedMs;
      pod.traffic.target.upToMs = stoppedMs;
      if (pod.workload.pods.includes(pod)) publishPod(this.#world, pod);
      afterDelay(this.#world, FORGOTTEN_MS, () => this.#leave(pod));
    });
  }

  /** Nothing of it is left, neither in the API nor in the mesh. */
  #leave(pod: SimPod): void {
    const { agenda, traffic } = this.#world;
    this.#forget(pod);
    if (pod.traffic.inMesh) pod.traffic.inMesh = false;
    if (traffic.podsOf(pod.workload.id).includes(pod.traffic)) traffic.remove(pod.workload.id, pod.traffic);
    traffic.changed(agenda.nowMs);
    this.#changed(pod.workload);
  }

  /** The API server has it no more. */
  #forget(pod: SimPod): void {
    const { pods } = pod.workload;
    if (!pods.includes(pod)) return;
    pods.splice(pods.indexOf(pod), 1);
    pod.traffic.target.knownToMs = this.#world.agenda.nowMs;
    if (this.#world.published) this.#world.store.remove("pods", podObject(pod));
    publishWorkload(this.#world, pod.workload);
  }
}
