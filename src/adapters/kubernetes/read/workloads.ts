import type { V1ObjectMeta, V1PodSpec, V1PodTemplateSpec } from "@kubernetes/client-node";
import {
  type Pod,
  serviceId,
  type Workload,
  type WorkloadKind,
  type WorkloadRef,
  workloadKey,
} from "../../../core/model/cluster.ts";
import { annotationsOf } from "../client/annotations.ts";
import { newest } from "../client/time.ts";
import type { NamespaceLists } from "./namespace-lists.ts";
import { controllerOf } from "./owners.ts";
import { probesOf } from "./probes.ts";
import { deploymentRolledOut, revisionRolledOut } from "./revisions.ts";
import { daemonSetRollout, deploymentRollout, statefulSetRollout } from "./rollout.ts";
import { type Labels, matchesSelector, selectsLabels } from "./selectors.ts";

/**
 * All workloads of a namespace: the controllers, and whatever else owns pods (Jobs, CronJobs, bare pods, kinds that we do not know),
 * described from its pods.
 */
export function toWorkloads(lists: NamespaceLists, pods: readonly Pod[]): Workload[] {
  const controllers = [...deployments(lists), ...replicaSets(lists), ...statefulSets(lists), ...daemonSets(lists)];
  const known = new Set(controllers.map(workloadKey));
  const others = Map.groupBy(
    pods.filter((pod) => !known.has(workloadKey(pod.workload))),
    (pod) => workloadKey(pod.workload),
  );
  return [...controllers, ...[...others.values()].map((own) => fromPods(lists, own[0]!.workload, own))];
}

interface Counts {
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly rollout: string | null;
  readonly rolledOutAtMs: number | null;
}

function workload(
  lists: NamespaceLists,
  kind: WorkloadKind,
  metadata: V1ObjectMeta | undefined,
  template: V1PodTemplateSpec | undefined,
  counts: Counts,
): Workload {
  const ref: WorkloadRef = { kind, namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" };
  return {
    ...ref,
    uid: metadata?.uid ?? "",
    labels: metadata?.labels ?? {},
    annotations: annotationsOf(metadata),
    ...counts,
    ...surroundings(lists, ref, template?.metadata?.labels ?? {}, template?.spec),
  };
}

/** What the namespace's other objects say about pods with these labels. */
function surroundings(lists: NamespaceLists, ref: WorkloadRef, podLabels: Labels, spec: V1PodSpec | undefined) {
  const autoscaler = lists.autoscalers.find(
    ({ spec }) => spec?.scaleTargetRef.kind === ref.kind && spec.scaleTargetRef.name === ref.name,
  );
  return {
    probes: probesOf(spec),
    budgets: lists.budgets
      .filter((one) => matchesSelector(one.spec?.selector, podLabels))
      .map(({ metadata, status }) => ({
        name: metadata?.name ?? "",
        disruptionsAllowed: status?.disruptionsAllowed ?? 0,
        observed: status !== undefined && (status.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
      })),
    autoscaler:
      autoscaler === undefined
        ? null
        : {
            name: autoscaler.metadata?.name ?? "",
            minReplicas: autoscaler.spec?.minReplicas ?? 1,
            maxReplicas: autoscaler.spec?.maxReplicas ?? 1,
            currentReplicas: autoscaler.status?.currentReplicas ?? 0,
            desiredReplicas: autoscaler.status?.desiredReplicas ?? 0,
          },
    services: lists.services
      .filter((one) => selectsLabels(one.spec?.selector, podLabels))
      .map((one) => serviceId(ref.namespace, one.metadata?.name ?? "")),
  };
}

const deployments = (lists: NamespaceLists): Workload[] =>
  lists.deployments.map((one) =>
    workload(lists, "Deployment", one.metadata, one.spec?.template, {
      replicas: one.spec?.replicas ?? 1,
      readyReplicas: one.status?.readyReplicas ?? 0,
      rollout: deploymentRollout(one),
      rolledOutAtMs: deploymentRolledOut(one, lists.replicaSets),
    }),
  );

/** Only those that nobody owns: the others are their Deployment's affair. */
const replicaSets = (lists: NamespaceLists): Workload[] =>
  lists.replicaSets
    .filter((one) => controllerOf(one.metadata) === null)
    .map((one) =>
      workload(lists, "ReplicaSet", one.metadata, one.spec?.template, {
        replicas: one.spec?.replicas ?? 1,
        readyReplicas: one.status?.readyReplicas ?? 0,
        rollout: null,
        rolledOutAtMs: newest([one.metadata?.creationTimestamp]),
      }),
    );

const statefulSets = (lists: NamespaceLists): Workload[] =>
  lists.statefulSets.map((one) =>
    workload(lists, "StatefulSet", one.metadata, one.spec?.template, {
      replicas: one.spec?.replicas ?? 1,
      readyReplicas: one.status?.readyReplicas ?? 0,
      rollout: statefulSetRollout(one),
      rolledOutAtMs: revisionRolledOut(one.metadata?.uid, lists.revisions),
    }),
  );

const daemonSets = (lists: NamespaceLists): Workload[] =>
  lists.daemonSets.map((one) =>
    workload(lists, "DaemonSet", one.metadata, one.spec?.template, {
      replicas: one.status?.desiredNumberScheduled ?? 0,
      readyReplicas: one.status?.numberReady ?? 0,
      rollout: daemonSetRollout(one),
      rolledOutAtMs: revisionRolledOut(one.metadata?.uid, lists.revisions),
    }),
  );

function fromPods(lists: NamespaceLists, ref: WorkloadRef, pods: readonly Pod[]): Workload {
  const first = pods[0]!;
  const raw = lists.pods.find((one) => one.metadata?.uid === first.uid);
  const running = pods.filter((pod) => !pod.terminating && pod.phase !== "Succeeded" && pod.phase !== "Failed");
  return {
    ...ref,
    uid: controllerOf(raw?.metadata)?.uid ?? first.uid,
    labels: first.labels,
    annotations: first.annotations,
    replicas: running.length,
    readyReplicas: running.filter((pod) => pod.ready).length,
    rollout: null,
    rolledOutAtMs: null,
    ...surroundings(lists, ref, first.labels, raw?.spec),
  };
}
