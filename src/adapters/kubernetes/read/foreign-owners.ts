import type { V1Pod, V1ReplicaSet } from "@kubernetes/client-node";
import { isForeign, type Pod, type WorkloadRef, workloadKey } from "../../../core/model/cluster.ts";
import { annotationsOf } from "../client/annotations.ts";
import { newest } from "../client/time.ts";
import type { NamespaceLists } from "./namespace-lists.ts";
import { controllerOf, refOf } from "./owners.ts";
import type { Labels } from "./selectors.ts";

/**
 * Labels that name the template of which a pod was made, of Deployments, Argo's Rollouts, and sets
 * of Kubernetes and OpenKruise.
 */
const REVISION_LABELS = ["rollouts-pod-template-hash", "pod-template-hash", "controller-revision-hash"];
/** The same for OpenShift's DeploymentConfig: the ReplicationController of the pod. */
const CONTROLLER_ANNOTATION = "openshift.io/deployment.name";

/** What is known of an owner that we do not read itself. */
export interface ForeignOwner {
  readonly ref: WorkloadRef;
  readonly uid: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly rollout: string | null;
  readonly rolledOutAtMs: number | null;
  readonly counted?: true;
  /** A pod as its owner makes them, for its probes; absent: there is none now. */
  readonly pod?: V1Pod;
}

/**
 * Owners of other groups with ReplicaSets (Argo's Rollout), and whatever else owns pods (Jobs, bare
 * pods, CloneSets, StrimziPodSets), as their ReplicaSets and pods show them: the owners themselves
 * would need a right each.
 * @param known keys of the workloads that were listed
 */
export function foreignOwners(lists: NamespaceLists, pods: readonly Pod[], known: ReadonlySet<string>): ForeignOwner[] {
  const sets = Map.groupBy(
    lists.replicaSets.filter((one) => isForeign(kindOfOwner(one))),
    (one) => workloadKey(refOf(controllerOf(one.metadata)!, one.metadata?.namespace ?? "")),
  );
  const own = Map.groupBy(
    pods.filter((pod) => !known.has(workloadKey(pod.workload))),
    (pod) => workloadKey(pod.workload),
  );
  const raw = new Map(lists.pods.map((one) => [one.metadata?.uid, one]));
  return [...new Set([...sets.keys(), ...own.keys()])].flatMap((key) => {
    const found = describe(sets.get(key) ?? [], own.get(key) ?? [], raw);
    return found === null ? [] : [found];
  });
}

function kindOfOwner({ metadata }: V1ReplicaSet): string {
  const owner = controllerOf(metadata);
  return owner === null ? "ReplicaSet" : refOf(owner, "").kind;
}

function describe(
  sets: readonly V1ReplicaSet[],
  pods: readonly Pod[],
  raw: ReadonlyMap<string | undefined, V1Pod>,
): ForeignOwner | null {
  const [set] = sets;
  const [first] = pods;
  if (set === undefined && first === undefined) return null;
  const own = pods.flatMap((pod) => raw.get(pod.uid) ?? []);
  const running = pods.filter((pod) => !pod.terminating && pod.phase !== "Succeeded" && pod.phase !== "Failed");
  const owner = controllerOf(set?.metadata);
  const template = set?.spec?.template?.metadata;
  const counts = sets.length > 0 ? fromReplicaSets(sets, running) : fromPods(running);
  return {
    ref: owner !== null ? refOf(owner, set?.metadata?.namespace ?? "") : first!.workload,
    uid: owner?.uid ?? controllerOf(own[0]?.metadata)?.uid ?? first?.uid ?? "",
    labels: shared(pods.map((pod) => pod.labels)) ?? template?.labels ?? {},
    annotations: shared(pods.map((pod) => pod.annotations)) ?? annotationsOf(template),
    ...counts,
    ...(own[0] === undefined ? {} : { pod: own[0] }),
  };
}

type Counts = Pick<ForeignOwner, "replicas" | "readyReplicas" | "rollout" | "rolledOutAtMs" | "counted">;

/**
 * Several ReplicaSets with replicas are a rollout, whatever the owner calls it: canary, preview,
 * paused.
 */
function fromReplicaSets(sets: readonly V1ReplicaSet[], running: readonly Pod[]): Counts {
  const active = sets.filter((one) => (one.spec?.replicas ?? 1) > 0 || (one.status?.replicas ?? 0) > 0);
  const unseen = sets.some((one) => (one.metadata?.generation ?? 0) > (one.status?.observedGeneration ?? 0));
  const born = newest(active.map((one) => one.metadata?.creationTimestamp));
  // after a roll-back the ReplicaSet is an old one, and only its pods are young
  const oldest = running.length === 0 ? null : Math.min(...running.map((pod) => pod.createdAtMs));
  return {
    replicas: active.reduce((sum, one) => sum + (one.spec?.replicas ?? 1), 0),
    readyReplicas: active.reduce((sum, one) => sum + readyOf(one), 0),
    rollout: unseen
      ? "its newest spec was not yet seen by the controller"
      : active.length > 1
        ? `${active.length} ReplicaSets have replicas`
        : null,
    rolledOutAtMs: born === null ? oldest : Math.max(born, oldest ?? born),
  };
}

const readyOf = ({ spec, status }: V1ReplicaSet): number =>
  (spec?.minReadySeconds ?? 0) > 0 ? (status?.availableReplicas ?? 0) : (status?.readyReplicas ?? 0);

/**
 * Pods of two templates are a rollout. Where pods do not tell their template, the youngest pod may
 * be the newest change.
 */
function fromPods(running: readonly Pod[]): Counts {
  const revisions = new Set(running.map(revisionOf));
  const born = running.map((pod) => pod.createdAtMs);
  const told = !revisions.has(null);
  return {
    counted: true,
    replicas: running.length,
    readyReplicas: running.filter((pod) => pod.ready).length,
    rollout: revisions.size > 1 ? `its pods are of ${revisions.size} revisions` : null,
    rolledOutAtMs:
      born.length === 0 || !isForeign(running[0]?.workload.kind ?? "Pod")
        ? null
        : told
          ? Math.min(...born)
          : Math.max(...born),
  };
}

const revisionOf = ({ labels, annotations }: Pod): string | null =>
  REVISION_LABELS.map((key) => labels[key]).find((value) => value !== undefined) ??
  annotations[CONTROLLER_ANNOTATION] ??
  null;

/** What all have in common; null when there is none. No pod speaks for the others. */
function shared(maps: readonly Labels[]): Labels | null {
  const [first, ...others] = maps;
  if (first === undefined) return null;
  return Object.fromEntries(Object.entries(first).filter(([key, value]) => others.every((one) => one[key] === value)));
}
