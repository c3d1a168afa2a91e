import type { V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import type { Autoscaler, WorkloadRef } from "../../../core/model/cluster.ts";
import { kindOf } from "./owners.ts";

/**
 * The autoscaler of this very workload, or null: one of a Deployment does not speak for a Rollout
 * of the same name.
 */
export function autoscalerOf(
  autoscalers: readonly V2HorizontalPodAutoscaler[],
  { kind, name }: Pick<WorkloadRef, "kind" | "name">,
): Autoscaler | null {
  const own = autoscalers.filter(({ spec }) => {
    const of = spec?.scaleTargetRef;
    if (of === undefined || of.name !== name) return false;
    return of.apiVersion ? kindOf(of) === kind : kind.split(".")[0] === of.kind;
  });
  // two for one workload fight; the one that scales counts
  const found = own.map(toAutoscaler);
  return (
    found.find((one) => one.blind === undefined && one.currentReplicas !== one.desiredReplicas) ?? found[0] ?? null
  );
}

function toAutoscaler({ metadata, spec, status }: V2HorizontalPodAutoscaler): Autoscaler {
  const blind = whyBlind(status);
  return {
    name: metadata?.name ?? "",
    minReplicas: spec?.minReplicas ?? 1,
    maxReplicas: spec?.maxReplicas ?? 1,
    currentReplicas: status?.currentReplicas ?? 0,
    desiredReplicas: status?.desiredReplicas ?? 0,
    ...(blind === null ? {} : { blind }),
  };
}

/**
 * Its condition says so, or it has never known a metric: `desiredReplicas` is then 0, and nothing
 * is scaled.
 * https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale-walkthrough/#appendix-horizontal-pod-autoscaler-status-conditions
 */
function whyBlind(status: V2HorizontalPodAutoscaler["status"]): string | null {
  const active = status?.conditions?.find((one) => one.type === "ScalingActive");
  // no replicas are asked for, by KEDA or by people: it waits, and nothing is wrong with it
  if (active?.status === "False" && active.reason === "ScalingDisabled") return null;
  if (active?.status === "False")
    return [active.reason, active.message].filter(Boolean).join(": ") || "no reason given";
  const never = (status?.desiredReplicas ?? 0) === 0 && (status?.currentMetrics ?? []).length === 0;
  return never ? "it has no metrics yet" : null;
}
