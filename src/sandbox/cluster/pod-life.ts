import { atWork } from "../traffic/pods.ts";
import { connections } from "./connections.ts";
import { endsWhenLost, FIRST_CONNECTION_MS, restartDelayMs } from "./crash.ts";
import { type MadePod, makePod } from "./make-pod.ts";
import type { Revision, SimPod, SimWorkload } from "./model.ts";
import { podObject } from "./pod-object.ts";
import { between, publishPod, publishWorkload, type World } from "./world.ts";

/** Until proxies know a changed endpoint. */
const PUSH_MS: readonly [number, number] = [150, 650];
/** Until the kubelet sees that it must stop a pod. */
const KUBELET_MS: readonly [number, number] = [60, 260];
/** Readiness: three failed probes, two seconds apart. */
const UNREADY_MS: readonly [number, number] = [4_200, 6_200];
/** Liveness: three failed probes, ten seconds apart. */
const RESTART_MS: readonly [number, number] = [21_000, 31_000];

/** Scheduler, kubelet and the pods' processes: what happens to one pod, and when. */
export interface PodLife {
  /** A new pod that still has everything before it. */
  create(workload: SimWorkload, revision: Revision, name?: string): SimPod;
  /** Asks it to stop; 0 seconds removes it from the API at once. */
  remove(pod: SimPod, graceSeconds: number, evicted: boolean): void;
  /** A pod that has been ready since `createdMs`, as the past left it. */
  settled(workload: SimWorkload, revision: Revision, createdMs: number, name?: string): SimPod;
  /** Takes a settled pod out, in the past. */
  vanish(pod: SimPod): void;
}

/** `changed` is told when controllers should look at a workload again. */
export function podLife(world: World, changed: (workload: SimWorkload) => void): PodLife {
  const { agenda, traffic } = world;
  const wait = ([fromMs, toMs]: readonly [number, number], run: (atMs: number) => void): void =>
    agenda.after(between(world, fromMs, toMs), run);
  const links = connections(world, tryReady, lost);
  let made = 0;
  const make = (workload: SimWorkload, revision: Revision, createdMs: number, name?: string): MadePod =>
    makePod(world, { workload, revision, createdMs, name, nth: made++ });

  function create(workload: SimWorkload, revision: Revision, name?: string): SimPod {
    const { pod, node, ip } = make(workload, revision, agenda.nowMs, name);
    workload.pods.push(pod);
    publishPod(world, pod);
    const next = (range: readonly [number, number], step: (atMs: number) => void): void =>
      wait(range, (atMs) => {
        if (pod.deletion !== null) return;
        step(atMs);
        publishPod(world, pod);
      });
    next([30, 130], (atMs) => {
      pod.node = node;
      pod.scheduledMs = atMs;
      next([450, 1_100], (sandboxMs) => {
        pod.ip = ip;
        pod.sandboxMs = sandboxMs;
        pod.readySinceMs = sandboxMs;
        pod.traffic.target.upFromMs = sandboxMs + 200;
        pod.traffic.target.knownFromMs = sandboxMs;
        traffic.add(workload.id, pod.traffic);
        next([700, 1_500], (startedMs) => start(pod, startedMs));
      });
    });
    return pod;
  }

  /** The application's container starts. */
  function start(pod: SimPod, atMs: number): void {
    pod.startedMs = atMs;
    links.started(pod);
    const { readyAfterMs, connection } = pod.workload.spec;
    if (connection?.onLoss === "crash")
      wait(FIRST_CONNECTION_MS, () => {
        if (pod.startedMs === atMs && pod.traffic.connection.state !== "open") crash(pod);
      });
    wait([readyAfterMs * 0.9, readyAfterMs * 1.25], () => {
      if (pod.startedMs !== atMs || pod.stoppedMs !== null || pod.deletion !== null) return;
      pod.traffic.serving = true;
      tryReady(pod);
    });
  }

  function tryReady(pod: SimPod): void {
    const { connection } = pod.workload.spec;
    const waits =
      (connection?.probe === "through-connection" || endsWhenLost(connection)) &&
      pod.traffic.connection.state !== "open";
    if (!pod.traffic.serving || waits || pod.deletion !== null) return;
    setReady(pod, true);
  }

  function setReady(pod: SimPod, ready: boolean): void {
    if (pod.ready !== ready) {
      pod.ready = ready;
      pod.readySinceMs = agenda.nowMs;
      publishPod(world, pod);
      changed(pod.workload);
    }
    pushEndpoint(pod);
  }

  /** Proxies learn, a moment later, whether the pod is an endpoint. */
  function pushEndpoint(pod: SimPod): void {
    wait(PUSH_MS, (atMs) => {
      const inMesh = pod.ready && pod.deletion === null && pod.stoppedMs === null;
      if (pod.traffic.inMesh === inMesh) return;
      pod.traffic.inMesh = inMesh;
      if (inMesh) beginCold(pod);
      traffic.changed(atMs);
      if (inMesh && pod.traffic.serving) links.available(pod.workload.id);
    });
  }

  /** Its caches are empty; trying a request again fills them no faster. */
  function beginCold(pod: SimPod): void {
    const { cold } = pod.workload.spec;
    if (cold === null) return;
    pod.traffic.cold = true;
    agenda.after(cold.forMs * traffic.attemptsAt(pod.workload.id), (atMs) => {
      pod.traffic.cold = false;
      traffic.changed(atMs);
    });
  }

  function lost(pod: SimPod): void {
    failProbes(pod);
    if (endsWhenLost(pod.workload.spec.connection)) crash(pod);
  }

  /** The process ends by itself, and the kubelet starts it again, each time after a longer wait. */
  function crash(pod: SimPod): void {
    if (pod.startedMs === null || pod.ended) return;
    pod.startedMs = null;
    pod.lastEndedMs = agenda.nowMs;
    pod.traffic.serving = false;
    links.ended(pod);
    setReady(pod, false);
    publishPod(world, pod);
    traffic.changed(agenda.nowMs);
    wait(restartDelayMs(pod.restarts), (startedMs) => {
      if (pod.ended || pod.deletion !== null) return;
      pod.restarts++;
      start(pod, startedMs);
      publishPod(world, pod);
    });
  }

  /** Probes that look at the connection fail until the pod is restarted. */
  function failProbes(pod: SimPod): void {
    if (pod.workload.spec.connection?.probe !== "through-connection") return;
    const still = (): boolean => pod.traffic.connection.state === "lost" && pod.deletion === null;
    wait(UNREADY_MS, () => {
      if (still()) setReady(pod, false);
    });
    wait(RESTART_MS, (atMs) => {
      if (!still()) return;
      pod.traffic.serving = false;
      pod.lastEndedMs = atMs;
      pod.restarts++;
      links.ended(pod);
      setReady(pod, false);
      traffic.changed(atMs);
      wait([800, 1_800], (startedMs) => {
        if (pod.stoppedMs !== null) return;
        start(pod, startedMs);
        publishPod(world, pod);
      });
    });
  }

  function remove(pod: SimPod, graceSeconds: number, evicted: boolean): void {
    const atMs = agenda.nowMs;
    const repeated = pod.deletion !== null;
    if (repeated && graceSeconds >= pod.deletion!.graceSeconds) return;
    pod.deletion = { atMs, dueMs: atMs + graceSeconds * 1_000, graceSeconds, evicted };
    pushEndpoint(pod);
    if (graceSeconds === 0) forget(pod);
    else publishPod(world, pod);
    changed(pod.workload);
    const stop = (): void => {
      const drainMs = pod.workload.spec.drainMs;
      const abrupt = graceSeconds === 0 || drainMs > graceSeconds * 1_000;
      const servesMs = Math.min(drainMs, graceSeconds * 1_000);
      agenda.after(servesMs, () => end(pod, abrupt));
    };
    if (!repeated || graceSeconds === 0) wait(KUBELET_MS, stop);
  }

  /** The process ends. */
  function end(pod: SimPod, abrupt: boolean): void {
    const atMs = agenda.nowMs;
    if (pod.ended) return;
    pod.ended = true;
    if (abrupt && atWork(pod.traffic)) traffic.died(pod.workload.id, pod.traffic, atMs);
    pod.traffic.serving = false;
    links.ended(pod);
    links.serverStopped(pod.traffic);
    traffic.changed(atMs);
    wait(abrupt ? [10, 60] : [200, 700], (stoppedMs) => {
      pod.stoppedMs = stoppedMs;
      pod.ready = false;
      pod.readySinceMs = stoppedMs;
      pod.traffic.target.upToMs = stoppedMs;
      if (pod.workload.pods.includes(pod)) publishPod(world, pod);
      wait([250, 900], () => {
        forget(pod);
        if (pod.traffic.inMesh) pod.traffic.inMesh = false;
        if (traffic.podsOf(pod.workload.id).includes(pod.traffic)) traffic.remove(pod.workload.id, pod.traffic);
        traffic.changed(agenda.nowMs);
        changed(pod.workload);
      });
    });
  }

  /** The API server has it no more. */
  function forget(pod: SimPod): void {
    const { pods } = pod.workload;
    if (!pods.includes(pod)) return;
    pods.splice(pods.indexOf(pod), 1);
    pod.traffic.target.knownToMs = agenda.nowMs;
    if (world.published) world.store.remove("pods", podObject(pod));
    publishWorkload(world, pod.workload);
  }

  function settled(workload: SimWorkload, revision: Revision, createdMs: number, name?: string): SimPod {
    const { pod, node, ip } = make(workload, revision, createdMs, name);
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

  function vanish(pod: SimPod): void {
    const { connection, target } = pod.traffic;
    links.ended(pod);
    if (connection.state === "open") pod.traffic.connection = { state: "none" };
    Object.assign(pod.traffic, { inMesh: false, serving: false });
    target.upToMs = agenda.nowMs;
    target.knownToMs = agenda.nowMs + 600;
    pod.workload.pods.splice(pod.workload.pods.indexOf(pod), 1);
    traffic.remove(pod.workload.id, pod.traffic);
  }

  return { create, remove, settled, vanish };
}
