import {
  imageOf,
  injectedApplication,
  PROXY_PORT,
  SIDECAR_IMAGE,
  sidecarContainer,
  templateSpec,
} from "./containers.ts";
import { endsWhenLost } from "./crash.ts";
import { rfc3339, type SimPod } from "./model.ts";
import type { KubeObject } from "./object-store.ts";

type Json = Readonly<Record<string, unknown>>;

const TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";

/** A pod as the API server shows it. */
export function podObject(pod: SimPod): KubeObject {
  return { metadata: metadata(pod), spec: spec(pod), status: status(pod) };
}

function metadata(pod: SimPod): KubeObject["metadata"] {
  const { workload, revision, deletion } = pod;
  const { namespace, name } = workload.spec;
  const isSet = workload.spec.kind === "StatefulSet";
  const owner = isSet
    ? { apiVersion: "apps/v1", kind: "StatefulSet", name, uid: workload.uid }
    : { apiVersion: "apps/v1", kind: "ReplicaSet", name: `${name}-${revision.hash}`, uid: revision.uid };
  return {
    name: pod.name,
    generateName: isSet ? `${name}-` : `${name}-${revision.hash}-`,
    namespace,
    uid: pod.uid,
    generation: deletion === null ? 1 : 2,
    creationTimestamp: rfc3339(pod.createdMs),
    ...(deletion === null
      ? {}
      : { deletionTimestamp: rfc3339(deletion.dueMs), deletionGracePeriodSeconds: deletion.graceSeconds }),
    labels: podLabels(pod),
    annotations: {
      ...revision.templateAnnotations,
      "istio.io/rev": "default",
      "prometheus.io/path": "/stats/prometheus",
      "prometheus.io/port": String(PROXY_PORT),
      "prometheus.io/scrape": "true",
    },
    ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
  };
}

export function podLabels({ workload, revision, name }: SimPod): Record<string, string> {
  const labels = { app: workload.spec.name, version: "v1" };
  return workload.spec.kind === "StatefulSet"
    ? {
        ...labels,
        "controller-revision-hash": `${workload.spec.name}-${revision.hash}`,
        "statefulset.kubernetes.io/pod-name": name,
      }
    : { ...labels, "pod-template-hash": revision.hash };
}

function spec(pod: SimPod): Json {
  const volumeMounts = [{ name: pod.tokenVolume, readOnly: true, mountPath: TOKEN_PATH }];
  const wait = {
    key: "node.kubernetes.io/unreachable",
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 300,
  };
  return {
    volumes: [
      {
        name: pod.tokenVolume,
        projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: "token" } }], defaultMode: 420 },
      },
    ],
    ...templateSpec(pod.workload.spec),
    initContainers: [{ ...sidecarContainer(), volumeMounts }],
    containers: [{ ...injectedApplication(pod.workload.spec), volumeMounts }],
    serviceAccountName: "default",
    serviceAccount: "default",
    ...(pod.node === null ? {} : { nodeName: pod.node.name }),
    tolerations: [{ ...wait, key: "node.kubernetes.io/not-ready" }, wait],
    priority: 0,
    enableServiceLinks: true,
    preemptionPolicy: "PreemptLowerPriority",
  };
}

function status(pod: SimPod): Json {
  const { node, ip, sandboxMs } = pod;
  return {
    phase: phase(pod),
    conditions: conditions(pod),
    ...(node === null ? {} : { hostIP: node.ip, hostIPs: [{ ip: node.ip }] }),
    ...(ip === null || pod.stoppedMs !== null ? {} : { podIP: ip, podIPs: [{ ip }] }),
    ...(pod.scheduledMs === null ? {} : { startTime: rfc3339(pod.scheduledMs) }),
    ...(sandboxMs === null
      ? {}
      : { initContainerStatuses: [sidecarStatus(pod, sandboxMs)], containerStatuses: [applicationStatus(pod)] }),
    qosClass: "Burstable",
  };
}

function phase(pod: SimPod): string {
  if (pod.stoppedMs !== null) return "Succeeded";
  return pod.startedMs === null ? "Pending" : "Running";
}

function conditions(pod: SimPod): Json[] {
  const list: Json[] = [];
  const add = (type: string, sinceMs: number | null, holds: boolean, reason?: string): void => {
    if (sinceMs === null) return;
    const why = reason === undefined ? {} : { reason };
    list.push({
      type,
      status: holds ? "True" : "False",
      lastProbeTime: null,
      lastTransitionTime: rfc3339(sinceMs),
      ...why,
    });
  };
  const { deletion, stoppedMs } = pod;
  const unready = stoppedMs === null ? "ContainersNotReady" : "PodCompleted";
  if (deletion?.evicted === true) add("DisruptionTarget", deletion.atMs, true, "EvictionByEvictionAPI");
  add("PodReadyToStartContainers", stoppedMs ?? pod.sandboxMs, stoppedMs === null);
  add("Initialized", pod.sandboxMs, true);
  for (const type of ["Ready", "ContainersReady"]) {
    if (pod.sandboxMs !== null) add(type, pod.readySinceMs, pod.ready, pod.ready ? undefined : unready);
  }
  add("PodScheduled", pod.scheduledMs, true);
  return list;
}

function sidecarStatus(pod: SimPod, sandboxMs: number): Json {
  return {
    name: "istio-proxy",
    state: state(sandboxMs, pod.stoppedMs),
    lastState: {},
    ready: pod.stoppedMs === null,
    restartCount: 0,
    image: SIDECAR_IMAGE,
    started: pod.stoppedMs === null,
  };
}

function applicationStatus(pod: SimPod): Json {
  const { startedMs, lastEndedMs, restarts } = pod;
  const crashed = endsWhenLost(pod.workload.spec.connection);
  const ended = lastEndedMs !== null && (restarts > 0 || crashed);
  const how = crashed ? { exitCode: 1, reason: "Error" } : { exitCode: 0, reason: "Completed" };
  return {
    name: "app",
    state:
      startedMs === null
        ? { waiting: { reason: ended ? "CrashLoopBackOff" : "PodInitializing" } }
        : state(startedMs, pod.stoppedMs),
    lastState: ended ? { terminated: { ...how, finishedAt: rfc3339(lastEndedMs) } } : {},
    ready: pod.ready,
    restartCount: restarts,
    image: imageOf(pod.workload.spec),
    started: startedMs !== null && pod.stoppedMs === null,
  };
}

const state = (startedMs: number, stoppedMs: number | null): Json => {
  const startedAt = rfc3339(startedMs);
  return stoppedMs === null
    ? { running: { startedAt } }
    : { terminated: { exitCode: 0, reason: "Completed", startedAt, finishedAt: rfc3339(stoppedMs) } };
};
