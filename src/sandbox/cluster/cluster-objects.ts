import type { CronJobSpec } from "../catalog/spec.ts";
import { rfc3339, type SimNode } from "./model.ts";
import type { KubeObject } from "./object-store.ts";

const CAPACITY = {
  cpu: "8",
  "ephemeral-storage": "264212084Ki",
  "hugepages-1Gi": "0",
  "hugepages-2Mi": "0",
  memory: "32684084Ki",
  pods: "110",
};

/** The version of the API server whose answers are followed. */
export const KUBERNETES_VERSION = "v1.33.13";

export function nodeObject(node: SimNode, heartbeatMs: number): KubeObject {
  const since = rfc3339(node.createdMs + 20_000);
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastHeartbeatTime: rfc3339(heartbeatMs),
    lastTransitionTime: since,
    reason,
    message,
  });
  return {
    metadata: {
      name: node.name,
      uid: node.uid,
      creationTimestamp: rfc3339(node.createdMs),
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/region": "sandbox",
        "topology.kubernetes.io/zone": node.zone,
      },
      annotations: { "node.alpha.kubernetes.io/ttl": "0" },
    },
    spec: {},
    status: {
      capacity: CAPACITY,
      allocatable: CAPACITY,
      conditions: [
        condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
      ],
      addresses: [
        { type: "InternalIP", address: node.ip },
        { type: "Hostname", address: node.name },
      ],
      nodeInfo: { kubeletVersion: KUBERNETES_VERSION, operatingSystem: "linux", architecture: "amd64" },
    },
  };
}

export const namespaceObject = (name: string, uid: string, createdMs: number, injected: boolean): KubeObject => ({
  metadata: {
    name,
    uid,
    creationTimestamp: rfc3339(createdMs),
    labels: { "kubernetes.io/metadata.name": name, ...(injected ? { "istio-injection": "enabled" } : {}) },
  },
  spec: { finalizers: ["kubernetes"] },
  status: { phase: "Active" },
});

export function cronJobObject(spec: CronJobSpec, uid: string, createdMs: number, lastMs: number): KubeObject {
  return {
    metadata: { name: spec.name, namespace: spec.namespace, uid, generation: 1, creationTimestamp: rfc3339(createdMs) },
    spec: {
      schedule: spec.schedule,
      concurrencyPolicy: "Forbid",
      suspend: false,
      jobTemplate: {
        metadata: { creationTimestamp: null },
        spec: {
          template: {
            metadata: { creationTimestamp: null, annotations: { "sidecar.istio.io/inject": "false" } },
            spec: {
              restartPolicy: "Never",
              containers: [{ name: spec.name, image: `registry.example.com/${spec.namespace}/${spec.name}:1` }],
            },
          },
        },
      },
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
    },
    status: { lastScheduleTime: rfc3339(lastMs), lastSuccessfulTime: rfc3339(lastMs + 95_000) },
  };
}
