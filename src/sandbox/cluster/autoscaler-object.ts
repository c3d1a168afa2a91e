import { rfc3339, type SimWorkload } from "./model.ts";
import type { KubeObject } from "./object-store.ts";

/** The HorizontalPodAutoscaler of a workload that has one. */
export function autoscalerObject(workload: SimWorkload, uid: string): KubeObject {
  const { spec } = workload;
  const { min, max } = spec.autoscaler!;
  const resource = { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } };
  return {
    metadata: { name: spec.name, namespace: spec.namespace, uid, creationTimestamp: rfc3339(workload.createdMs) },
    spec: {
      scaleTargetRef: { kind: spec.kind, name: spec.name, apiVersion: "apps/v1" },
      minReplicas: min,
      maxReplicas: max,
      metrics: [{ type: "Resource", resource }],
    },
    status: {
      currentReplicas: workload.pods.filter((pod) => pod.deletion === null).length,
      desiredReplicas: spec.replicas,
      currentMetrics: [],
      conditions: [
        {
          type: "AbleToScale",
          status: "True",
          lastTransitionTime: rfc3339(workload.createdMs),
          reason: "ReadyForNewScale",
        },
        {
          type: "ScalingActive",
          status: "True",
          lastTransitionTime: rfc3339(workload.createdMs),
          reason: "ValidMetricFound",
        },
      ],
    },
  };
}
