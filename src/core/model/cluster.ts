import type { Apart, Placement, Taint } from "./placement.ts";
import type { WorkloadDesign } from "./workload-design.ts";

/** `namespace/name` of a Kubernetes Service, as its callers see it. */
export type ServiceId = string;

export const serviceId = (namespace: string, name: string): ServiceId => `${namespace}/${name}`;

/** Kubernetes' own controllers; a bare pod is its own. */
export const BUILT_IN_KINDS = [
  "Deployment",
  "StatefulSet",
  "DaemonSet",
  "ReplicaSet",
  "Job",
  "CronJob",
  "Pod",
] as const;

/**
 * One of Kubernetes' own, or the kind and group of another owner as kubectl writes them:
 * `Rollout.argoproj.io`.
 */
export type WorkloadKind = (typeof BUILT_IN_KINDS)[number] | (string & {});

/** Whether an operator's own kind owns these pods: Argo's Rollout, OpenKruise's StatefulSet. */
export const isForeign = (kind: WorkloadKind): boolean => !BUILT_IN_KINDS.some((one) => one === kind);

/**
 * `Rollout` for people; `StatefulSet.apps.kruise.io` where the kind alone would name one of
 * Kubernetes' own.
 */
export function kindName(kind: WorkloadKind): string {
  const [short = kind] = kind.split(".");
  return isForeign(short) ? short : kind;
}

export interface WorkloadRef {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
}

/** `Deployment go-app/go-app-db`, for people. */
export const workloadName = (w: WorkloadRef): string => `${kindName(w.kind)} ${w.namespace}/${w.name}`;
/** A key that is equal exactly when the workload is the same. */
export const workloadKey = (w: WorkloadRef): string => `${w.kind}/${w.namespace}/${w.name}`;

/** One incarnation of a pod; a replacement with the same name has another uid. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /**
   * The version that was seen last: an order that carries it is refused for a pod that changed
   * since. Absent in the journal.
   */
  readonly resourceVersion?: string;
}

export interface Pod extends PodRef {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /**
   * The controller at the top of the owner chain (Deployment, not its ReplicaSet); a bare pod owns
   * itself as kind `Pod`.
   */
  readonly workload: WorkloadRef;
  readonly node: string | null;
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
  /** The Ready condition is true (application and sidecar). */
  readonly ready: boolean;
  readonly readySinceMs: number | null;
  readonly terminating: boolean;
  readonly createdAtMs: number;
  readonly restarts: number;
  /** Time of the newest container (re)start, when known. */
  readonly lastStartedAtMs: number | null;
  /** A static pod's mirror: deleting it through the API stops nothing. */
  readonly mirror: boolean;
  /**
   * Services that lead to this very pod, by its labels now or by an EndpointSlice; absent: nobody
   * looked.
   */
  readonly services?: readonly ServiceId[];
  /** Disruption budgets that select this very pod by its labels now; absent: nobody looked. */
  readonly budgets?: readonly DisruptionBudget[];
  /** Pods that must not be where it is; absent: it stands any. */
  readonly apart?: readonly Apart[];
  /** What a node must have to run it or its replacement; absent: any node will do. */
  readonly placement?: Placement;
  /**
   * Its replacement takes the same name (StatefulSets and what behaves like one): two at a time
   * would share an identity.
   */
  readonly fixedName?: true;
  /** It runs to completion, as the pods of jobs and workflows do. */
  readonly ends?: true;
  /**
   * Why Kubernetes ended it or one of its containers, in its own word (`OOMKilled`, `Evicted`,
   * `PreemptionByScheduler`); absent: no reason seen.
   */
  readonly ending?: string;
}

/**
 * How a pod was lost without any order of ours; `restarted` and `oom-killed` pods stay and begin
 * again.
 */
export type PodLossKind = "deleted" | "evicted" | "preempted" | "failed" | "oom-killed" | "restarted";

/** What happens without us: to one pod, or to a node and everything on it. */
export type NaturalKind = PodLossKind | "node-lost";

export interface Probe {
  readonly container: string;
  readonly kind: "readiness" | "liveness" | "startup";
  readonly handler: "httpGet" | "tcpSocket" | "exec" | "grpc";
  /** The HTTP path, when the handler is `httpGet`. */
  readonly path: string | null;
  readonly periodSeconds: number;
  /** Names of other hosts that it asks; absent: none that can be read. */
  readonly asks?: readonly string[];
}

export interface DisruptionBudget {
  readonly name: string;
  readonly disruptionsAllowed: number;
  /** The controller has seen the newest spec; when false the numbers are old. */
  readonly observed: boolean;
  /**
   * Pods that are not Ready may go now although the budget is spent (`unhealthyPodEvictionPolicy`).
   * https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy
   */
  readonly unreadyMayGo?: true;
  /** Why Kubernetes cannot compute it, in its words: it lets nothing go then. Absent: it can. */
  readonly failing?: string;
}

export interface Autoscaler {
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
  /**
   * Why it cannot read its metrics, in its own words: it scales nothing then. Absent: it reads
   * them.
   */
  readonly blind?: string;
}

export interface Workload extends WorkloadRef {
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Replicas asked for. */
  readonly replicas: number;
  readonly readyReplicas: number;
  /** Why a rollout is under way (kubectl's rules), or null. */
  readonly rollout: string | null;
  /**
   * Newest change of the pod template that is known (newest ReplicaSet, controller revision), else
   * null.
   */
  readonly rolledOutAtMs: number | null;
  readonly probes: readonly Probe[];
  readonly budgets: readonly DisruptionBudget[];
  readonly autoscaler: Autoscaler | null;
  /** Services that lead to any of this workload's pods. */
  readonly services: readonly ServiceId[];
  /** Absent: no template was seen. */
  readonly design?: WorkloadDesign;
  /**
   * `replicas` counts its pods: nobody says how many are asked for, nor when its template changed.
   */
  readonly counted?: true;
  /**
   * With the update strategy OnDelete: the revision (label `controller-revision-hash`) that a
   * replacement would have.
   */
  readonly onDelete?: string;
  /**
   * The owner above one of Kubernetes' own controllers: `Revision hello-00001` of Knative,
   * `Prometheus k8s`.
   */
  readonly ownedBy?: string;
}

/** A Service that is more than a name and a selector, for people. */
export interface ServiceNote {
  readonly service: ServiceId;
  /** `headless`, `ExternalName of db.example.com`, `without a selector`. */
  readonly what: string;
}

export interface ClusterNode {
  readonly name: string;
  readonly zone: string | null;
  readonly ready: boolean;
  readonly schedulable: boolean;
  /** Pressure conditions that are true now: `MemoryPressure`, `DiskPressure`, `PIDPressure`. */
  readonly pressure: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: none. */
  readonly taints?: readonly Taint[];
  /**
   * Conditions that tell of trouble and are true now, as the node problem detector sets them:
   * `KernelDeadlock`. Absent: none.
   */
  readonly problems?: readonly string[];
  /** It is being deleted. */
  readonly leaving?: true;
  /** The annotation by which somebody says that it is being worked on. Absent: nobody does. */
  readonly workedOn?: string;
  /** The annotation by which it asks not to be disrupted. Absent: it does not. */
  readonly kept?: string;
}

export interface Namespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly terminating: boolean;
}

/** What the API server said at one moment, from fresh lists. */
export interface ClusterSnapshot {
  readonly takenAtMs: number;
  readonly namespaces: readonly Namespace[];
  readonly nodes: readonly ClusterNode[];
  readonly workloads: readonly Workload[];
  readonly pods: readonly Pod[];
  /** Services of which more is to be said than their name; absent: none. */
  readonly serviceNotes?: readonly ServiceNote[];
  /** What could not be read because a right is missing; absent: nothing. */
  readonly unread?: Unread;
  /** The configuration says that nodes are not asked for; absent: they are. */
  readonly withoutNodes?: true;
}

/** What is left out where nodes are not asked for. */
export const WITHOUT_NODES = ["pressure on nodes", "spread over nodes", "zones", "drains"] as const;

/** Why parts of a snapshot are empty. */
export interface Unread {
  /** Why there are no nodes. */
  readonly nodes?: string;
  /** By namespace, why nobody knows what Services without a selector lead to. */
  readonly endpoints?: Readonly<Record<string, string>>;
}

/** Who called whom, seen in the mesh's own metrics. */
export interface CallEdge {
  readonly caller: WorkloadRef | { readonly kind: "Other"; readonly namespace: string; readonly name: string };
  readonly callee: ServiceId;
  readonly protocol: "http" | "tcp";
  /**
   * Mean requests (HTTP) or connections opened (TCP) a second over the window; 0 is an edge that
   * only existed.
   */
  readonly perSecond: number;
}
