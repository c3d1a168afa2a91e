import type { ServiceId } from "../../core/model/cluster.ts";
import type { ConnectionSpec } from "../catalog/spec.ts";
import type { Edge } from "../traffic/graph.ts";
import { atWork, type TrafficPod } from "../traffic/pods.ts";
import type { Delay, SimPod, SimWorkload } from "./model.ts";
import { afterDelay, type World } from "./world.ts";

/** A client that never had its connection tries this often until it has one. */
const FIRST_TRY_MS: Delay = [50, 350];
/**
 * The next request that needs a lost connection comes soon, and opens it where the client does
 * that.
 */
const NEXT_REQUEST_MS: Delay = [20, 400];

const edgeOf = (world: World, client: SimPod): Edge =>
  world.traffic.graph.byId.get(client.workload.id)!.outgoing.find(({ cause }) => cause.kind === "connection")!;

/**
 * Connections that one workload keeps to another. `opened` and `lost` tell the client's own probes.
 */
export interface Connections {
  /** The client's process started. */
  started(client: SimPod): void;
  /** The client's process ended: its side is closed. */
  ended(client: SimPod): void;
  /** A server stopped: whoever was connected to it has lost the connection. */
  serverStopped(server: TrafficPod): void;
  /** Pods of a service are at work (again). */
  available(service: ServiceId): void;
}

export function connections(
  world: World,
  opened: (client: SimPod) => void,
  lost: (client: SimPod) => void,
): Connections {
  const specOf = (pod: SimPod): ConnectionSpec | null => pod.workload.spec.connection;
  const clients = (): SimPod[] =>
    [...world.workloads.values()].flatMap(({ pods }) => pods.filter((pod) => specOf(pod) !== null));
  const nowMs = (): number => world.agenda.nowMs;
  /** Services without a leader, and until when. */
  const leaderless = new Map<ServiceId, number>();
  const hasLeader = (service: ServiceId): boolean => (leaderless.get(service) ?? 0) <= nowMs();

  function open(client: SimPod): void {
    const spec = specOf(client);
    const { traffic } = client;
    if (
      spec === null ||
      !hasLeader(spec.to) ||
      client.stoppedMs !== null ||
      client.startedMs === null ||
      traffic.connection.state === "open"
    )
      return;
    const servers = world.traffic.podsOf(spec.to).filter(atWork);
    const server = servers[client.workload.pods.indexOf(client) % Math.max(1, servers.length)];
    if (server === undefined) return;
    traffic.connection = { state: "open", to: server };
    world.traffic.connection("opened", edgeOf(world, client), traffic, server, nowMs());
    world.traffic.changed(nowMs());
    opened(client);
  }

  function close(client: SimPod, state: "none" | "lost"): void {
    const { traffic } = client;
    if (traffic.connection.state === "open") {
      world.traffic.connection("closed", edgeOf(world, client), traffic, traffic.connection.to, nowMs());
    }
    traffic.connection = { state };
  }

  const soon = (client: SimPod, delay: Delay): void => afterDelay(world, delay, () => open(client));

  const serviceOf = (server: TrafficPod): SimWorkload | undefined =>
    [...world.workloads.values()].find(({ id }) => world.traffic.podsOf(id).includes(server));

  function available(service: ServiceId): void {
    for (const client of clients()) {
      const spec = specOf(client)!;
      const { state } = client.traffic.connection;
      if (spec.to !== service || state === "open") continue;
      if (state === "none") soon(client, FIRST_TRY_MS);
      else if (spec.onLoss === "reconnect") soon(client, NEXT_REQUEST_MS);
    }
  }

  return {
    started(client) {
      if (specOf(client) !== null) soon(client, FIRST_TRY_MS);
    },
    ended(client) {
      if (specOf(client) !== null) close(client, "none");
    },
    serverStopped(server) {
      const service = serviceOf(server);
      const electionMs = service?.spec.electionMs ?? 0;
      if (service !== undefined && electionMs > 0) {
        leaderless.set(service.id, nowMs() + electionMs);
        world.agenda.after(electionMs, () => available(service.id));
      }
      for (const client of clients()) {
        const { connection } = client.traffic;
        if (connection.state !== "open") continue;
        const leaderLost = electionMs > 0 && specOf(client)?.to === service?.id;
        if (connection.to !== server && !leaderLost) continue;
        close(client, "lost");
        lost(client);
        if (specOf(client)!.onLoss === "reconnect") soon(client, NEXT_REQUEST_MS);
      }
    },
    available,
  };
}
