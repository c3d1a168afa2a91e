import type { ServiceId } from "../../core/model/cluster.ts";

/** One call that a service makes while it answers. */
export interface CallSpec {
  readonly to: ServiceId;
  /** Mean calls for each request answered. */
  readonly perRequest: number;
  /** A failed call fails the request. */
  readonly required: boolean;
  /** The caller's proxy tries so often again when the answer is a 5xx; absent: never. */
  readonly retries?: number;
  /** The caller's proxy waits no longer than this for an answer; absent: however long it takes. */
  readonly timeoutMs?: number;
}

/** How a pod answers until its caches are filled, though it is Ready. */
export interface ColdSpec {
  /** So long at its usual load. Every further try of a request makes it that much longer. */
  readonly forMs: number;
  /** Share of requests that it fails meanwhile. */
  readonly failShare: number;
  /** By how much the others take longer. */
  readonly slowerMs: number;
}

/** Traffic that a workload makes by itself. */
export interface DriveSpec {
  readonly to: ServiceId;
  /** Mean requests a second over the day. */
  readonly rps: number;
  /** Relative swing of the day around the mean, 0…1, highest at `peakHourUtc`. */
  readonly swing: number;
  readonly peakHourUtc: number;
  /** Variance ÷ mean of counts in short windows: below 1 for a load generator, above for people. */
  readonly dispersion: number;
  /** Standard deviation of the slow noise of the log rate. */
  readonly noise: number;
}

/** How a service answers while too few of its pods do its work. */
export interface CrowdedSpec {
  /** Fewer pods than these are too few. */
  readonly below: number;
  /** By how much each answer takes longer then. */
  readonly slowerMs: number;
  /** Share of requests that fails then. */
  readonly failShare: number;
}

/** One long-lived TCP connection to a stateful service. */
export interface ConnectionSpec {
  readonly to: ServiceId;
  /** Share of requests that need it. */
  readonly touchShare: number;
  /**
   * `stale`: never opened again; `reconnect`: on the next request; `exit`: the process ends, and
   * the next one waits until it has a connection; `crash`: that one ends, too, if it gets none.
   */
  readonly onLoss: "stale" | "reconnect" | "exit" | "crash";
  /** Whether readiness and liveness look at the connection, or only at the process. */
  readonly probe: "shallow" | "through-connection";
  /** Bytes that one use sends and receives. */
  readonly bytes: { readonly sent: number; readonly received: number };
}

/** A way to fail that happens now and then without any visible cause. */
export interface FailureSpec {
  readonly code: string;
  readonly flags: string;
  /** Share of the service's own failures. */
  readonly weight: number;
}

/** A stretch of time in which a service fails by itself. */
export interface IncidentSpec {
  readonly service: ServiceId;
  /** First start after the sandbox's origin, and the distance of starts, ms. */
  readonly firstMs: number;
  readonly everyMs: number;
  readonly lastsMs: number;
  readonly failureShare: number;
}

/** How one workload and its Service look and behave. */
export interface ServiceSpec {
  readonly namespace: string;
  readonly name: string;
  readonly kind: "Deployment" | "StatefulSet";
  readonly replicas: number;
  /** `none`: nothing calls it, and it has no Service. */
  readonly protocol: "http" | "tcp" | "none";
  readonly port: number;
  readonly calls: readonly CallSpec[];
  readonly drives: readonly DriveSpec[];
  readonly connection: ConnectionSpec | null;
  /** Median in ms, spread of the log, and standard deviation of its slow noise. */
  readonly latency: { readonly medianMs: number; readonly sigma: number; readonly noise: number };
  /**
   * Own failures in quiet times: mean share, and the shape of the gamma that spreads it from minute
   * to minute.
   */
  readonly failures: { readonly share: number; readonly shape: number; readonly kinds: readonly FailureSpec[] };
  /** Share of requests answered with 404. */
  readonly notFoundShare: number;
  /** A failed call's status is passed on; otherwise it becomes 500. */
  readonly relaysStatus: boolean;
  /**
   * From the container's start until Ready; how long it goes on serving after SIGTERM;
   * terminationGracePeriodSeconds.
   */
  readonly readyAfterMs: number;
  readonly drainMs: number;
  /** What has begun is finished then; false: it ends with requests under way. */
  readonly finishes: boolean;
  /** A preStop that sleeps before SIGTERM; null: there is none. */
  readonly preStopSeconds: number | null;
  /** Null: works from the first request on. */
  readonly cold: ColdSpec | null;
  /** After a pod of it stopped, it accepts no connection for so long: a new leader is chosen. */
  readonly electionMs: number;
  /** Null: one pod can do the work of all. */
  readonly crowded: CrowdedSpec | null;
  readonly graceSeconds: number;
  readonly minAvailable: number | null;
  readonly autoscaler: { readonly min: number; readonly max: number } | null;
  /** Age of the newest rollout when the sandbox starts, ms. */
  readonly ageMs: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** A nightly Job. */
export interface CronJobSpec {
  readonly namespace: string;
  readonly name: string;
  readonly schedule: string;
}

/** Everything that runs in the sandbox. */
export interface Catalog {
  readonly services: readonly ServiceSpec[];
  readonly cronJobs: readonly CronJobSpec[];
  readonly incidents: readonly IncidentSpec[];
}
