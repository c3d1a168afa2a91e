import { portName, templateSpec } from "./containers.ts";
import { newestRevision, type Revision, rfc3339, type SimPod, type SimWorkload } from "./model.ts";
import type { KubeObject } from "./object-store.ts";

type Json = Readonly<Record<string, unknown>>;

const labelsOf = (workload: SimWorkload): Record<string, string> => ({ app: workload.spec.name });

/** Pods that count as replicas: not on their way out. */
export const replicasOf = (workload: SimWorkload): SimPod[] => workload.pods.filter((pod) => pod.deletion === null);

function template(workload: SimWorkload, revision: Revision, labels: Json = {}): Json {
  const annotations = revision.templateAnnotations;
  return {
    metadata: {
      creationTimestamp: null,
      labels: { ...labelsOf(workload), version: "v1", ...labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: templateSpec(workload.spec),
  };
}

/**
 * A quarter of the replicas, as RollingUpdate has it by default: rounded up for the surge, down for
 * what may be missing.
 */
export const maxSurge = ({ spec }: SimWorkload): number => Math.ceil(spec.replicas / 4);
export const maxUnavailable = ({ spec }: SimWorkload): number => Math.floor(spec.replicas / 4);

export function deploymentObject(workload: SimWorkload): KubeObject {
  const { spec } = workload;
  const revision = newestRevision(workload);
  return {
    metadata: {
      name: spec.name,
      namespace: spec.namespace,
      uid: workload.uid,
      generation: workload.generation,
      creationTimestamp: rfc3339(workload.createdMs),
      labels: labelsOf(workload),
      annotations: { "deployment.kubernetes.io/revision": String(revision.number) },
    },
    spec: {
      replicas: spec.replicas,
      selector: { matchLabels: labelsOf(workload) },
      template: template(workload, revision),
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: deploymentStatus(workload, revision),
  };
}

function deploymentStatus(workload: SimWorkload, revision: Revision): Json {
  const replicas = replicasOf(workload);
  const ready = replicas.filter((pod) => pod.ready).length;
  const updated = replicas.filter((pod) => pod.revision === revision);
  const missing = workload.spec.replicas - ready;
  const settled = updated.length === replicas.length && updated.length >= workload.spec.replicas && missing <= 0;
  const available = condition("Available", workload.available, workload.availableSinceMs, workload.availableSinceMs, {
    reason: workload.available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
    message: workload.available
      ? "Deployment has minimum availability."
      : "Deployment does not have minimum availability.",
  });
  const progressing = condition("Progressing", true, workload.createdMs, revision.settledMs, {
    reason: settled || revision.settledMs > revision.createdMs ? "NewReplicaSetAvailable" : "ReplicaSetUpdated",
    message: `ReplicaSet "${workload.spec.name}-${revision.hash}" ${settled ? "has successfully progressed." : "is progressing."}`,
  });
  return {
    observedGeneration: workload.generation,
    ...present({
      replicas: replicas.length,
      updatedReplicas: updated.length,
      readyReplicas: ready,
      availableReplicas: ready,
    }),
    ...present({ unavailableReplicas: Math.max(0, missing) }),
    conditions: [available, progressing],
  };
}

/** Counts of zero are left out, as in the API. */
const present = (counts: Readonly<Record<string, number>>): Json =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

const condition = (type: string, holds: boolean, sinceMs: number, updatedMs: number, why: Json): Json => ({
  type,
  status: holds ? "True" : "False",
  lastUpdateTime: rfc3339(updatedMs),
  lastTransitionTime: rfc3339(sinceMs),
  ...why,
});

export function replicaSetObject(workload: SimWorkload, revision: Revision): KubeObject {
  const { spec } = workload;
  const hash = { "pod-template-hash": revision.hash };
  const replicas = replicasOf(workload).filter((pod) => pod.revision === revision);
  const ready = replicas.filter((pod) => pod.ready).length;
  return {
    metadata: {
      name: `${spec.name}-${revision.hash}`,
      namespace: spec.namespace,
      uid: revision.uid,
      generation: 1,
      creationTimestamp: rfc3339(revision.createdMs),
      labels: { ...labelsOf(workload), ...hash, version: "v1" },
      annotations: {
        "deployment.kubernetes.io/desired-replicas": String(spec.replicas),
        "deployment.kubernetes.io/max-replicas": String(spec.replicas + maxSurge(workload)),
        "deployment.kubernetes.io/revision": String(revision.number),
      },
      ownerReferences: [owner(workload)],
    },
    spec: {
      replicas: replicas.length,
      selector: { matchLabels: { ...labelsOf(workload), ...hash } },
      template: template(workload, revision, hash),
    },
    status: {
      replicas: replicas.length,
      ...present({ fullyLabeledReplicas: replicas.length, readyReplicas: ready, availableReplicas: ready }),
      observedGeneration: 1,
    },
  };
}

const owner = (workload: SimWorkload): Json => ({
  apiVersion: "apps/v1",
  kind: workload.spec.kind,
  name: workload.spec.name,
  uid: workload.uid,
  controller: true,
  blockOwnerDeletion: true,
});

export function statefulSetObject(workload: SimWorkload): KubeObject {
  const { spec } = workload;
  const revision = `${spec.name}-${newestRevision(workload).hash}`;
  const replicas = replicasOf(workload);
  const ready = replicas.filter((pod) => pod.ready).length;
  return {
    metadata: {
      name: spec.name,
      namespace: spec.namespace,
      uid: workload.uid,
      generation: workload.generation,
      creationTimestamp: rfc3339(workload.createdMs),
      labels: labelsOf(workload),
    },
    spec: {
      replicas: spec.replicas,
      selector: { matchLabels: labelsOf(workload) },
      template: template(workload, newestRevision(workload)),
      serviceName: spec.name,
      podManagementPolicy: "OrderedReady",
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
      revisionHistoryLimit: 10,
    },
    status: {
      observedGeneration: workload.generation,
      replicas: replicas.length,
      ...present({ readyReplicas: ready, currentReplicas: replicas.length, updatedReplicas: replicas.length }),
      availableReplicas: ready,
      currentRevision: revision,
      updateRevision: revision,
      collisionCount: 0,
    },
  };
}

export function controllerRevisionObject(workload: SimWorkload, revision: Revision): KubeObject {
  const { spec } = workload;
  return {
    metadata: {
      name: `${spec.name}-${revision.hash}`,
      namespace: spec.namespace,
      uid: revision.uid,
      creationTimestamp: rfc3339(revision.createdMs),
      labels: { ...labelsOf(workload), "controller.kubernetes.io/hash": revision.hash },
      ownerReferences: [owner(workload)],
    },
    data: { spec: { template: template(workload, revision) } },
    revision: revision.number,
  };
}

export function serviceObject(workload: SimWorkload): KubeObject {
  const { spec } = workload;
  const name = portName(spec);
  return {
    metadata: {
      name: spec.name,
      namespace: spec.namespace,
      uid: workload.serviceUid,
      creationTimestamp: rfc3339(workload.createdMs),
      labels: labelsOf(workload),
      annotations: {},
    },
    spec: {
      ports: [{ name, protocol: "TCP", port: spec.port, targetPort: name }],
      selector: labelsOf(workload),
      clusterIP: workload.clusterIp,
      clusterIPs: [workload.clusterIp],
      type: "ClusterIP",
      sessionAffinity: "None",
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      internalTrafficPolicy: "Cluster",
    },
    status: { loadBalancer: {} },
  };
}
