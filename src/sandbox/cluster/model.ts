import type { ServiceId } from "../../core/model/cluster.ts";
import type { ServiceSpec } from "../catalog/spec.ts";
import type { TrafficPod } from "../traffic/pods.ts";

/** From so many ms to so many. */
export type Delay = readonly [number, number];

export interface SimNode {
  readonly name: string;
  readonly uid: string;
  readonly zone: string;
  readonly ip: string;
  /** Third byte of its pods' addresses. */
  readonly subnet: number;
  readonly createdMs: number;
  nextAddress: number;
}

/** One pod template of a workload, and the ReplicaSet or ControllerRevision that stands for it. */
export interface Revision {
  readonly number: number;
  readonly hash: string;
  readonly uid: string;
  readonly createdMs: number;
  readonly templateAnnotations: Readonly<Record<string, string>>;
  /** When its last replica became ready. */
  settledMs: number;
}

export interface SimWorkload {
  readonly id: ServiceId;
  readonly spec: ServiceSpec;
  readonly uid: string;
  readonly serviceUid: string;
  readonly clusterIp: string;
  readonly createdMs: number;
  generation: number;
  /** Oldest first. */
  readonly revisions: Revision[];
  pods: SimPod[];
  /** When the Deployment's condition Available changed last, and what it is. */
  availableSinceMs: number;
  available: boolean;
}

export interface SimPod {
  readonly workload: SimWorkload;
  readonly revision: Revision;
  readonly name: string;
  readonly uid: string;
  readonly createdMs: number;
  readonly tokenVolume: string;
  readonly traffic: TrafficPod;
  node: SimNode | null;
  ip: string | null;
  scheduledMs: number | null;
  /** The sidecar runs. */
  sandboxMs: number | null;
  /** Newest start of the application's container. */
  startedMs: number | null;
  ready: boolean;
  readySinceMs: number;
  restarts: number;
  lastEndedMs: number | null;
  deletion: {
    readonly dueMs: number;
    readonly graceSeconds: number;
    readonly evicted: boolean;
    readonly atMs: number;
  } | null;
  /** The process was told to end and does no more work. */
  ended: boolean;
  /** All containers have ended. */
  stoppedMs: number | null;
}

export const newestRevision = (workload: SimWorkload): Revision => workload.revisions.at(-1)!;

/** Kubernetes time: whole seconds. */
export const rfc3339 = (ms: number): string =>
  new Date(Math.floor(ms / 1_000) * 1_000).toISOString().replace(".000Z", "Z");
