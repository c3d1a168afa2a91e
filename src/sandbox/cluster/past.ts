import type { SimPod, SimWorkload } from "./model.ts";
import type { PodLife } from "./pod-life.ts";
import { ageOf, type World } from "./world.ts";

/** Between one replica and the next in a rollout of the past. */
const REPLICA_MS = 9_000;
/** The old replica goes this long after the new one came. */
const OVERLAP_MS = 4_000;

/**
 * Lets the world run from its start to `originMs`: pods as they were then, and the rollouts since.
 * Leaves it ready to be published.
 */
export function livePast(world: World, life: PodLife, startMs: number, originMs: number): void {
  const historyMs = originMs - startMs;
  const calleesFirst = world.traffic.graph.order.toReversed().map(({ id }) => world.workloads.get(id)!);
  for (const workload of calleesFirst) {
    const rolledOutMs = originMs - ageOf(workload.spec, historyMs);
    const first = workload.revisions[0]!;
    const bornMs = Math.min(first.createdMs, startMs - 3_600_000);
    const pods = names(workload).map((name) => life.settled(workload, first, bornMs, name));
    if (rolledOutMs > startMs) planRollout(world, life, workload, pods, rolledOutMs);
  }
  world.traffic.changed(startMs);
  world.agenda.advance(originMs);
}

/** Pods of StatefulSets have names of their own. */
const names = ({ spec }: SimWorkload): (string | undefined)[] =>
  Array.from({ length: spec.replicas }, (_, i) => (spec.kind === "StatefulSet" ? `${spec.name}-${i}` : undefined));

function planRollout(world: World, life: PodLife, workload: SimWorkload, old: readonly SimPod[], atMs: number): void {
  const revision = workload.revisions.at(-1)!;
  old.forEach((pod, i) => {
    world.agenda.at(atMs + i * REPLICA_MS, (nowMs) => {
      life.settled(workload, revision, nowMs);
      world.traffic.changed(nowMs);
    });
    world.agenda.at(atMs + i * REPLICA_MS + OVERLAP_MS, (nowMs) => {
      life.vanish(pod);
      world.traffic.changed(nowMs);
    });
  });
  revision.settledMs = atMs + old.length * REPLICA_MS;
}
