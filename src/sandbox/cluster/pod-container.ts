import { type Connections, connections } from "./connections.ts";
import { endsWhenLost, FIRST_CONNECTION_MS, restartDelayMs } from "./crash.ts";
import type { Delay, SimPod, SimWorkload } from "./model.ts";
import { afterDelay, publishPod, type World } from "./world.ts";

/** Until proxies know a changed endpoint. */
const PUSH_MS: Delay = [150, 650];
/** Readiness: three failed probes, two seconds apart. */
const UNREADY_MS: Delay = [4_200, 6_200];
/** Liveness: three failed probes, ten seconds apart. */
const RESTART_MS: Delay = [21_000, 31_000];
/** From the end of a container to the start of the next one. */
const NEXT_START_MS: Delay = [800, 1_800];

/** The container of a pod: when it starts, when it is ready, and when the mesh knows. */
export class PodContainer {
  readonly links: Connections;
  readonly #world: World;
  readonly #changed: (workload: SimWorkload) => void;

  /** `changed` is told when controllers should look at a workload again. */
  constructor(world: World, changed: (workload: SimWorkload) => void) {
    this.#world = world;
    this.#changed = changed;
    this.links = connections(
      world,
      (client) => this.#tryReady(client),
      (client) => this.#lost(client),
    );
  }

  /** The application's container starts. */
  start(pod: SimPod, atMs: number): void {
    pod.startedMs = atMs;
    this.links.started(pod);
    const { readyAfterMs, connection } = pod.workload.spec;
    if (connection?.onLoss === "crash")
      afterDelay(this.#world, FIRST_CONNECTION_MS, () => {
        if (pod.startedMs === atMs && pod.traffic.connection.state !== "open") this.#crash(pod);
      });
    afterDelay(this.#world, [readyAfterMs * 0.9, readyAfterMs * 1.25], () => {
      if (pod.startedMs !== atMs || pod.stoppedMs !== null || pod.deletion !== null) return;
      pod.traffic.serving = true;
      this.#tryReady(pod);
    });
  }

  /** Proxies learn, a moment later, whether the pod is an endpoint. */
  pushEndpoint(pod: SimPod): void {
    afterDelay(this.#world, PUSH_MS, (atMs) => {
      const inMesh = pod.ready && pod.deletion === null && pod.stoppedMs === null;
      if (pod.traffic.inMesh === inMesh) return;
      pod.traffic.inMesh = inMesh;
      if (inMesh) this.#beginCold(pod);
      this.#world.traffic.changed(atMs);
      if (inMesh && pod.traffic.serving) this.links.available(pod.workload.id);
    });
  }

  #tryReady(pod: SimPod): void {
    const needsIt = probesConnection(pod) || endsWhenLost(pod.workload.spec.connection);
    const waits = needsIt && pod.traffic.connection.state !== "open";
    if (!pod.traffic.serving || waits || pod.deletion !== null) return;
    this.#setReady(pod, true);
  }

  #setReady(pod: SimPod, ready: boolean): void {
    if (pod.ready !== ready) {
      pod.ready = ready;
      pod.readySinceMs = this.#world.agenda.nowMs;
      publishPod(this.#world, pod);
      this.#changed(pod.workload);
    }
    this.pushEndpoint(pod);
  }

  /** Its caches are empty; trying a request again fills them no faster. */
  #beginCold(pod: SimPod): void {
    const { traffic, agenda } = this.#world;
    const { cold } = pod.workload.spec;
    if (cold === null) return;
    pod.traffic.cold = true;
    agenda.after(cold.forMs * traffic.attemptsAt(pod.workload.id), (atMs) => {
      pod.traffic.cold = false;
      traffic.changed(atMs);
    });
  }

  #lost(pod: SimPod): void {
    this.#failProbes(pod);
    if (endsWhenLost(pod.workload.spec.connection)) this.#crash(pod);
  }

  /** The process ends by itself, and the kubelet starts it again, each time after a longer wait. */
  #crash(pod: SimPod): void {
    const { agenda, traffic } = this.#world;
    if (pod.startedMs === null || pod.ended) return;
    pod.startedMs = null;
    pod.lastEndedMs = agenda.nowMs;
    pod.traffic.serving = false;
    this.links.ended(pod);
    this.#setReady(pod, false);
    publishPod(this.#world, pod);
    traffic.changed(agenda.nowMs);
    afterDelay(this.#world, restartDelayMs(pod.restarts), (startedMs) => {
      if (pod.ended || pod.deletion !== null) return;
      pod.restarts++;
      this.start(pod, startedMs);
      publishPod(this.#world, pod);
    });
  }

  /** Probes that look at the connection fail until the pod is restarted. */
  #failProbes(pod: SimPod): void {
    if (!probesConnection(pod)) return;
    const still = (): boolean => pod.traffic.connection.state === "lost" && pod.deletion === null;
    afterDelay(this.#world, UNREADY_MS, () => {
      if (still()) this.#setReady(pod, false);
    });
    afterDelay(this.#world, RESTART_MS, (atMs) => {
      if (still()) this.#restart(pod, atMs);
    });
  }

  #restart(pod: SimPod, atMs: number): void {
    pod.traffic.serving = false;
    pod.lastEndedMs = atMs;
    pod.restarts++;
    this.links.ended(pod);
    this.#setReady(pod, false);
    this.#world.traffic.changed(atMs);
    afterDelay(this.#world, NEXT_START_MS, (startedMs) => {
      if (pod.stoppedMs !== null) return;
      this.start(pod, startedMs);
      publishPod(this.#world, pod);
    });
  }
}

const probesConnection = (pod: SimPod): boolean => pod.workload.spec.connection?.probe === "through-connection";
