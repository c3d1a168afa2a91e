import type { V1ContainerStatus, V1ObjectMeta, V1Pod } from "@kubernetes/client-node";
import { isForeign, type Pod, type WorkloadRef } from "../../../core/model/cluster.ts";
import { annotationsOf } from "../client/annotations.ts";
import { newest, timeMs } from "../client/time.ts";
import { apartOf, placementOf } from "./placement.ts";
import type { AroundPod } from "./pod-budgets-and-services.ts";

const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";
const PHASES = ["Pending", "Running", "Succeeded", "Failed"] as const;

/** Labels that only pods with an ordinal get: StatefulSets' own, and those of OpenKruise. */
const ORDINAL_LABELS = ["statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"];

/**
 * A pod of the API as our own word for it.
 * @param around what else the namespace's lists say of it; absent: nobody looked
 */
export function toPod(pod: V1Pod, workload: WorkloadRef, around?: AroundPod): Pod {
  const { metadata, spec, status } = pod;
  const ready = status?.conditions?.find((one) => one.type === "Ready");
  const containers = longRunning(pod);
  const isReady = ready?.status === "True";
  return {
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    uid: metadata?.uid ?? "",
    ...(metadata?.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
    labels: metadata?.labels ?? {},
    annotations: annotationsOf(metadata),
    workload,
    node: spec?.nodeName ?? null,
    phase: PHASES.find((one) => one === status?.phase) ?? "Unknown",
    ready: isReady,
    readySinceMs: isReady ? timeMs(ready.lastTransitionTime) : null,
    terminating: metadata?.deletionTimestamp !== undefined,
    createdAtMs: timeMs(metadata?.creationTimestamp) ?? 0,
    restarts: containers.reduce((sum, one) => sum + one.restartCount, 0),
    lastStartedAtMs: newest(containers.map((one) => one.state?.running?.startedAt)),
    mirror:
      metadata?.annotations?.[MIRROR_ANNOTATION] !== undefined ||
      (metadata?.ownerReferences ?? []).some((one) => one.kind === "Node"),
    ...endingOf(pod),
    ...around,
    ...traitsOf(pod, workload),
  };
}

function traitsOf(
  { metadata, spec }: V1Pod,
  { kind }: WorkloadRef,
): Pick<Pod, "placement" | "apart" | "fixedName" | "ends"> {
  const placement = placementOf(spec);
  const apart = apartOf(spec);
  const ends = spec?.restartPolicy === "Never" || spec?.restartPolicy === "OnFailure";
  return {
    ...(placement === null ? {} : { placement }),
    ...(apart === null ? {} : { apart }),
    ...(hasFixedName(metadata, kind) ? { fixedName: true } : {}),
    ...(ends ? { ends } : {}),
  };
}

/**
 * Strimzi and CloudNativePG name their pods themselves, as a StatefulSet does: without
 * `generateName` the replacement has the same name.
 */
export function hasFixedName(metadata: V1ObjectMeta | undefined, kind: WorkloadRef["kind"]): boolean {
  if (kind === "StatefulSet" || kind.startsWith("StatefulSet.")) return true;
  if (ORDINAL_LABELS.some((label) => metadata?.labels?.[label] !== undefined)) return true;
  return isForeign(kind) && metadata?.generateName === undefined;
}

/** The kubelet's word, that of the disruption condition, or what ended a container last. */
function endingOf({ status, ...pod }: V1Pod): Pick<Pod, "ending"> {
  const disrupted = status?.conditions?.find((one) => one.type === "DisruptionTarget" && one.status === "True");
  const killed = longRunning({ status, ...pod } as V1Pod)
    .flatMap((one) => [one.state?.terminated, one.lastState?.terminated])
    .find((one) => one?.reason === "OOMKilled");
  const ending = status?.reason ?? disrupted?.reason ?? killed?.reason;
  return ending === undefined ? {} : { ending };
}

/**
 * Containers and native sidecars (init containers that keep running), as kubectl counts restarts;
 * not init containers that end.
 */
function longRunning({ spec, status }: V1Pod): V1ContainerStatus[] {
  const sidecars = new Set(
    (spec?.initContainers ?? []).filter((one) => one.restartPolicy === "Always").map((one) => one.name),
  );
  return [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []).filter((one) => sidecars.has(one.name)),
  ];
}
