/** `namespace/name` of a Kubernetes Service, as its callers see it. */
export type ServiceId = string;

export const serviceId = (namespace: string, name: string): ServiceId => `${namespace}/${name}`;

export type WorkloadKind =
  | "Deployment"
  | "StatefulSet"
  | "DaemonSet"
  | "ReplicaSet"
  | "Job"
  | "CronJob"
  | "Pod"
  | "Other";

export interface WorkloadRef {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
}

/** `Deployment go-app/go-app-db`, for people. */
export const workloadName = (w: WorkloadRef): string => `${w.kind} ${w.namespace}/${w.name}`;
/** A key that is equal exactly when the workload is the same. */
export const workloadKey = (w: WorkloadRef): string => `${w.kind}/${w.namespace}/${w.name}`;

/** One incarnation of a pod; a replacement with the same name has another uid. */
export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface Pod extends PodRef {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The controller at the top of the owner chain (Deployment, not its ReplicaSet); a bare pod owns itself as kind `Pod`. */
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
  /** Why Kubernetes ended it or one of its containers, in its own word (`OOMKilled`, `Evicted`, `PreemptionByScheduler`); absent: no reason seen. */
  readonly ending?: string;
}

/** How a pod was lost without any order of ours; `restarted` and `oom-killed` pods stay and begin again. */
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
}

export interface DisruptionBudget {
  readonly name: string;
  readonly disruptionsAllowed: number;
  /** The controller has seen the newest spec; when false the numbers are old. */
  readonly observed: boolean;
}

export interface Autoscaler {
  readonly name: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly currentReplicas: number;
  readonly desiredReplicas: number;
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
  /** Newest change of the pod template that is known (newest ReplicaSet, controller revision), else null. */
  readonly rolledOutAtMs: number | null;
  readonly probes: readonly Probe[];
  readonly budgets: readonly DisruptionBudget[];
  readonly autoscaler: Autoscaler | null;
  /** Services whose selector matches this workload's pods. */
  readonly services: readonly ServiceId[];
}

export interface ClusterNode {
  readonly name: string;
  readonly zone: string | null;
  readonly ready: boolean;
  readonly schedulable: boolean;
  /** Pressure conditions that are true now: `MemoryPressure`, `DiskPressure`, `PIDPressure`. */
  readonly pressure: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
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
}

/** Who called whom, seen in the mesh's own metrics. */
export interface CallEdge {
  readonly caller: WorkloadRef | { readonly kind: "Other"; readonly namespace: string; readonly name: string };
  readonly callee: ServiceId;
  readonly protocol: "http" | "tcp";
  /** Mean requests (HTTP) or connections opened (TCP) a second over the window; 0 is an edge that only existed. */
  readonly perSecond: number;
}
