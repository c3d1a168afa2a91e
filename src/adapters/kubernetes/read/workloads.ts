import type { V1ObjectMeta, V1PodSpec, V1PodTemplateSpec } from "@kubernetes/client-node";
import {
  type Pod,
  type Workload,
  type WorkloadKind,
  type WorkloadRef,
  workloadKey,
} from "../../../core/model/cluster.ts";
import { annotationsOf } from "../client/annotations.ts";
import { newest } from "../client/time.ts";
import { autoscalerOf } from "./autoscalers.ts";
import { type ForeignOwner, foreignOwners } from "./foreign-owners.ts";
import type { NamespaceLists } from "./namespace-lists.ts";
import { controllerOf } from "./owners.ts";
import { aroundPods } from "./pod-budgets-and-services.ts";
import { probesOf } from "./probes.ts";
import { deploymentRolledOut, revisionOnDelete, revisionRolledOut } from "./revisions.ts";
import { daemonSetRollout, deploymentRollout, statefulSetRollout } from "./rollout.ts";
import type { Labels } from "./selectors.ts";
import { designOf } from "./workload-design.ts";

/**
 * All workloads of a namespace: the controllers, and whatever else owns pods (Jobs, CronJobs, bare
 * pods, operators' own kinds), described from its ReplicaSets and pods. `pods` are those of the
 * lists.
 */
export function toWorkloads(lists: NamespaceLists, pods: readonly Pod[]): Workload[] {
  const around = surroundings(lists, pods);
  const controllers = [...deployments(lists), ...replicaSets(lists), ...statefulSets(lists), ...daemonSets(lists)];
  const known = new Set(controllers.map(({ ref }) => workloadKey(ref)));
  return [...controllers, ...foreignOwners(lists, pods, known).map(fromOwner)].map((one) => ({
    ...one.ref,
    ...one.own,
    ...around(one),
  }));
}

/** A workload before the namespace's other objects were asked about it. */
interface Described {
  readonly ref: WorkloadRef;
  readonly own: Omit<Workload, keyof WorkloadRef | "probes" | "budgets" | "autoscaler" | "services" | "design">;
  /** Labels of pods that are still to be made. */
  readonly podLabels: Labels;
  readonly spec: V1PodSpec | undefined;
}

type Counts = Pick<Workload, "replicas" | "readyReplicas" | "rollout" | "rolledOutAtMs" | "onDelete">;

function described(
  kind: WorkloadKind,
  metadata: V1ObjectMeta | undefined,
  template: V1PodTemplateSpec | undefined,
  counts: Counts,
): Described {
  const owner = controllerOf(metadata);
  return {
    ref: { kind, namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" },
    own: {
      uid: metadata?.uid ?? "",
      labels: metadata?.labels ?? {},
      annotations: annotationsOf(metadata),
      ...counts,
      ...(owner === null ? {} : { ownedBy: `${owner.kind} ${owner.name}` }),
    },
    podLabels: template?.metadata?.labels ?? {},
    spec: template?.spec,
  };
}

const fromOwner = ({ ref, pod, ...own }: ForeignOwner): Described => ({
  ref,
  own,
  podLabels: own.labels,
  spec: pod?.spec,
});

/**
 * What the namespace's other objects say of a workload: all that they say of its pods. Where there
 * is no pod, what they would say of one with the template's labels.
 */
function surroundings(lists: NamespaceLists, pods: readonly Pod[]) {
  const aroundPod = aroundPods(lists);
  const raw = new Map(lists.pods.map((one) => [one.metadata?.uid, one]));
  const byWorkload = Map.groupBy(pods, (pod) => workloadKey(pod.workload));
  return ({ ref, podLabels, spec }: Described) => {
    const living = (byWorkload.get(workloadKey(ref)) ?? []).filter(isLiving);
    const found =
      living.length > 0
        ? living.map(({ uid, budgets, services }) =>
            budgets && services ? { budgets, services } : aroundPod(raw.get(uid) ?? {}),
          )
        : [aroundPod({ metadata: { namespace: ref.namespace, labels: podLabels } })];
    const budgets = found.flatMap((one) => one.budgets);
    const design = designOf(spec);
    return {
      probes: probesOf(spec),
      budgets: [...new Map(budgets.map((budget) => [budget.name, budget])).values()],
      autoscaler: autoscalerOf(lists.autoscalers, ref),
      services: [...new Set(found.flatMap((one) => one.services))],
      ...(design === null ? {} : { design }),
    };
  };
}

const isLiving = ({ terminating, phase }: Pod): boolean => !terminating && phase !== "Succeeded" && phase !== "Failed";

const deployments = (lists: NamespaceLists): Described[] =>
  lists.deployments.map((one) =>
    described("Deployment", one.metadata, one.spec?.template, {
      replicas: one.spec?.replicas ?? 1,
      readyReplicas: readyReplicas(one.spec, one.status),
      rollout: deploymentRollout(one),
      rolledOutAtMs: deploymentRolledOut(one, lists.replicaSets),
    }),
  );

/** Only those that nobody owns: the others are their owner's affair. */
const replicaSets = (lists: NamespaceLists): Described[] =>
  lists.replicaSets
    .filter((one) => controllerOf(one.metadata) === null)
    .map((one) =>
      described("ReplicaSet", one.metadata, one.spec?.template, {
        replicas: one.spec?.replicas ?? 1,
        readyReplicas: readyReplicas(one.spec, one.status),
        rollout: null,
        rolledOutAtMs: newest([one.metadata?.creationTimestamp]),
      }),
    );

const statefulSets = (lists: NamespaceLists): Described[] =>
  lists.statefulSets.map((one) =>
    described("StatefulSet", one.metadata, one.spec?.template, {
      replicas: one.spec?.replicas ?? 1,
      readyReplicas: readyReplicas(one.spec, one.status),
      rollout: statefulSetRollout(one),
      rolledOutAtMs: revisionRolledOut(one.metadata?.uid, lists.revisions),
      ...onDelete(revisionOnDelete(one, lists.revisions)),
    }),
  );

const daemonSets = (lists: NamespaceLists): Described[] =>
  lists.daemonSets.map((one) =>
    described("DaemonSet", one.metadata, one.spec?.template, {
      replicas: one.status?.desiredNumberScheduled ?? 0,
      readyReplicas:
        (one.spec?.minReadySeconds ?? 0) > 0 ? (one.status?.numberAvailable ?? 0) : (one.status?.numberReady ?? 0),
      rollout: daemonSetRollout(one),
      rolledOutAtMs: revisionRolledOut(one.metadata?.uid, lists.revisions),
      ...onDelete(revisionOnDelete(one, lists.revisions)),
    }),
  );

const onDelete = (revision: string | null) => (revision === null ? {} : { onDelete: revision });

/** With `minReadySeconds` a pod counts only once it was Ready for so long. */
function readyReplicas(
  spec: { readonly minReadySeconds?: number } | undefined,
  status: { readonly readyReplicas?: number; readonly availableReplicas?: number } | undefined,
): number {
  return (spec?.minReadySeconds ?? 0) > 0 ? (status?.availableReplicas ?? 0) : (status?.readyReplicas ?? 0);
}
