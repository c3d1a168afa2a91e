import { newestRevision, type SimPod, type SimWorkload } from "./model.ts";
import type { PodLife } from "./pod-life.ts";
import { maxSurge, maxUnavailable, replicasOf } from "./workload-objects.ts";
import { publishWorkload, type World } from "./world.ts";

/**
 * Brings a workload one step nearer to what it should be; called again after each change of its
 * pods.
 */
export function reconcile(world: World, life: PodLife, workload: SimWorkload): void {
  if (workload.spec.kind === "Deployment") reconcileDeployment(life, workload);
  else reconcileStatefulSet(life, workload);
  observe(world, workload);
}

/** Rolling update: never more than the surge above, never fewer ready than allowed below. */
function reconcileDeployment(life: PodLife, workload: SimWorkload): void {
  const wanted = workload.spec.replicas;
  const revision = newestRevision(workload);
  const old = replicasOf(workload).filter((pod) => pod.revision !== revision);
  const most = old.length === 0 ? wanted : wanted + maxSurge(workload);
  let updated = replicasOf(workload).length - old.length;
  for (let all = replicasOf(workload).length; all < most && updated < wanted; all++, updated++) {
    life.create(workload, revision);
  }
  let spare = replicasOf(workload).filter((pod) => pod.ready).length - (wanted - maxUnavailable(workload));
  for (const pod of unreadyFirst(old)) {
    if (pod.ready && spare-- <= 0) break;
    life.remove(pod, workload.spec.graceSeconds, false);
  }
}

const unreadyFirst = (pods: readonly SimPod[]): SimPod[] => pods.toSorted((a, b) => Number(a.ready) - Number(b.ready));

/** Replicas have fixed names: one is made again only when the old one is gone altogether. */
function reconcileStatefulSet(life: PodLife, workload: SimWorkload): void {
  for (let ordinal = 0; ordinal < workload.spec.replicas; ordinal++) {
    const name = `${workload.spec.name}-${ordinal}`;
    if (workload.pods.some((pod) => pod.name === name)) continue;
    life.create(workload, newestRevision(workload), name);
    return;
  }
}

/** Notes in the workload's status what became of it. */
function observe(world: World, workload: SimWorkload): void {
  const revision = newestRevision(workload);
  const replicas = replicasOf(workload);
  const ready = replicas.filter((pod) => pod.ready).length;
  const available = ready >= workload.spec.replicas - maxUnavailable(workload);
  if (available !== workload.available) {
    workload.available = available;
    workload.availableSinceMs = world.agenda.nowMs;
  }
  const done = ready >= workload.spec.replicas && replicas.every((pod) => pod.revision === revision);
  if (done && revision.settledMs === revision.createdMs) revision.settledMs = world.agenda.nowMs;
  publishWorkload(world, workload);
}
