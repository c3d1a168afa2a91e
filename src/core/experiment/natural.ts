import {
  type ClusterSnapshot,
  kindName,
  type Pod,
  type Workload,
  type WorkloadRef,
  workloadKey,
} from "../model/cluster.ts";
import type { ExperimentState, Phase } from "../model/experiment.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../model/units.ts";
import { damagedServices, ENDED, hasOpenDamage } from "./life.ts";
import type { PodLoss } from "./loss.ts";
import { cameAfter, type KnownPods } from "./newcomers.ts";

/** One workload's losses within this time are one experiment. */
export const NATURAL_COOLDOWN_MS = HOUR_MS;
/** Natural experiments in 24 hours; what happens beyond is not looked at. */
export const NATURAL_PER_DAY = 24;
/** A workload that was rolled out this recently lost its pods to the rollout. */
const ROLLOUT_REACH_MS = 10 * MINUTE_MS;
/** Judged: what comes next to these is no part of their observation. */
const LOOKED_AT: readonly Phase[] = ["damaged", "provisional"];
/** Pods of these end by themselves, or never come back. */
const ENDING: readonly string[] = ["Job", "CronJob", "Pod"];

/**
 * Why a loss is no experiment as far as the journal knows, or null. `past` are the experiments of
 * the last day and those still open.
 */
export function whyNotTakenUp(
  { pod }: { readonly pod: Pick<Pod, "namespace" | "workload"> },
  past: readonly ExperimentState[],
  nowMs: number,
): string | null {
  const key = workloadKey(pod.workload);
  const running = past.find((one) => one.t0Ms !== null && !ENDED.includes(one.phase) && !LOOKED_AT.includes(one.phase));
  const begins = past.find(
    (one) =>
      one.phase === "chosen" ||
      one.phase === "intended" ||
      (one.phase === "planned" && one.plan?.natural !== undefined),
  );
  const other = running ?? begins;
  if (other !== undefined) return `experiment ${other.plan?.id} is being observed`;
  const damage = past.find(
    (one) => hasOpenDamage(one) && damagedServices(one).some((service) => service.startsWith(`${pod.namespace}/`)),
  );
  if (damage !== undefined) return `the damage of ${damage.plan?.id} is still open here`;
  const recent = past.find(
    (one) =>
      workloadsHit(one).some((workload) => workloadKey(workload) === key) &&
      one.t0Ms !== null &&
      nowMs - one.t0Ms < NATURAL_COOLDOWN_MS,
  );
  if (recent !== undefined) return `the workload was exercised by ${recent.plan?.id} already`;
  const today = past.filter((one) => one.plan?.natural !== undefined && nowMs - one.plan.slotMs < DAY_MS);
  return today.length >= NATURAL_PER_DAY ? `${today.length} natural experiments in a day are enough` : null;
}

/** Every workload that lost pods in an experiment. */
function workloadsHit({ choice, plan }: ExperimentState): readonly WorkloadRef[] {
  if (choice === null) return [];
  const lost = plan?.natural?.lost ?? choice.target.lost ?? [];
  return [choice.target.workload, ...lost.map(({ workload }) => workload)];
}

/**
 * The workload that lost a pod against its will, or why it was its own: a rollout, a scale-down,
 * the end of a job.
 * @param known the pods that a watch knew before
 */
export function unwanted(
  { what, pod }: PodLoss,
  snapshot: ClusterSnapshot,
  lostMs: number,
  known: KnownPods = null,
): Workload | string {
  const workload = snapshot.workloads.find((one) => workloadKey(one) === workloadKey(pod.workload));
  if (workload === undefined) return "its workload is gone, too";
  if (ENDING.includes(workload.kind) || pod.ends === true) return `a ${kindName(workload.kind)} ends by itself`;
  if (snapshot.namespaces.some((one) => one.name === pod.namespace && one.terminating)) return "its namespace goes";
  if (workload.rollout !== null) return `a rollout: ${workload.rollout}`;
  const key = workloadKey(workload);
  const stays = (one: Pod) =>
    workloadKey(one.workload) === key && one.uid !== pod.uid && !one.terminating && one.phase === "Running";
  const old = snapshot.pods.filter((one) => stays(one) && !cameAfter(one, lostMs, known));
  const rolledOutAtMs = workload.counted === true ? newestBirth(old) : workload.rolledOutAtMs;
  if (rolledOutAtMs !== null && lostMs - rolledOutAtMs < ROLLOUT_REACH_MS) return "it was rolled out a moment ago";
  if (what === "restarted" || what === "oom-killed" || workload.counted === true) return workload;
  return old.length >= workload.replicas ? "one replica fewer was asked for" : workload;
}

/**
 * Of an owner that only its pods describe: those that came after the loss say nothing of a rollout
 * before it.
 */
const newestBirth = (pods: readonly Pod[]): number | null =>
  pods.length === 0 ? null : Math.max(...pods.map((pod) => pod.createdAtMs));
