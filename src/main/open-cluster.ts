import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { connect, type KubernetesClient } from "../adapters/kubernetes/client/client.ts";
import { type EventRecorder, eventRecorder } from "../adapters/kubernetes/events/events.ts";
import { policyMaps } from "../adapters/kubernetes/follow/policy-maps.ts";
import { haltWatch } from "../adapters/kubernetes/lease/halt-watch.ts";
import { kubernetesLease } from "../adapters/kubernetes/lease/lease.ts";
import { knownWorkloads } from "../adapters/kubernetes/read/known-workloads.ts";
import { kubernetesReader } from "../adapters/kubernetes/read/reader.ts";
import { prometheusAlerts } from "../adapters/prometheus/read/alerts.ts";
import { prometheusSource } from "../adapters/prometheus/source.ts";
import { followingClock } from "../adapters/system/clock.ts";
import type { Listener } from "../app/records/append-event.ts";
import type { Config } from "../config/load/config.ts";
import { SECOND_MS } from "../core/model/units.ts";
import type { AlertSource } from "../ports/alerts.ts";
import type { Clock } from "../ports/clock.ts";
import type { ClusterReader } from "../ports/cluster.ts";
import type { JudgeRunner } from "../ports/judge.ts";
import type { HaltSwitch, HaltWatch, Lease } from "../ports/lease.ts";
import type { Log } from "../ports/log.ts";
import type { MetricsSource } from "../ports/metrics.ts";
import type { Notifier } from "../ports/notifier.ts";
import type { PolicyTexts } from "../ports/policy-texts.ts";
import type { Queue } from "../ports/queue.ts";
import type { Io } from "./io.ts";
import type { Measuring } from "./own-metrics/measured.ts";
import { type ConfiguredOptions, demoClock, logOf, readConfig } from "./setup/configured.ts";
import { ownNamespace } from "./setup/own-namespace.ts";
import { prometheusOptions } from "./setup/servers.ts";

/** A holder of the lease that is silent for this long has lost it. */
export const LEASE_DURATION_MS = 30 * SECOND_MS;
/** Parts that stand in for the usual ones: the demo's clock, a test's notifier. */
export interface Parts {
  readonly clock?: Clock;
  readonly log?: Log;
  readonly notifier?: Notifier;
  /** Stands between the worker and its queue. */
  readonly pace?: (queue: Queue) => Queue;
  /** How many ms of the clock pass in one real ms. */
  readonly speed?: number;
  readonly dryRun?: boolean;
  /**
   * Where a worker judges: in a thread, beside faults that are active. A command judges when none
   * is.
   */
  readonly judge?: JudgeRunner & AsyncDisposable;
  /** The worker's secrets need not be on this machine. */
  readonly withoutSecrets?: boolean;
  /** The store does not wait for the disk. */
  readonly passing?: boolean;
  readonly tell?: Listener;
  /** In a process that is scraped: puts measures on its ports. */
  readonly measuring?: Measuring;
}

/** The cluster and its metrics, without storage. */
export interface Cluster extends AsyncDisposable {
  readonly config: Config;
  readonly hash: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly client: KubernetesClient;
  readonly reader: ClusterReader;
  /**
   * Who this process is, on the lease and in events. No host name or process id is its own:
   * containers share both.
   */
  readonly identity: string;
  /** Namespace and name of the lease. */
  readonly at: { readonly namespace: string; readonly name: string };
  readonly lease: Lease & HaltSwitch;
  readonly haltWatch: HaltWatch;
  readonly metrics: MetricsSource;
  readonly alerts: AlertSource;
  readonly events: EventRecorder;
  readonly policyTexts: PolicyTexts;
}

export async function openCluster(options: ConfiguredOptions, io: Io, parts: Parts = {}): Promise<Cluster> {
  const { config, hash } = await readConfig(options, io, parts.withoutSecrets);
  const following = followingClock();
  const clock = parts.clock ?? demoClock(config, io) ?? following;
  const log = parts.log ?? logOf(config, io);
  const source = await prometheusOptions(config, io, clock, log);
  const client = connect({
    ...(config.kubernetes.context === null ? {} : { context: config.kubernetes.context }),
    ...(io.env.KUBECONFIG === undefined ? {} : { kubeconfig: io.env.KUBECONFIG }),
    heard: following.heard,
    answered: parts.measuring?.own.apiRequest,
  });
  const at = { namespace: ownNamespace(config, client.namespace), name: config.kubernetes.lease };
  const identity = `${hostname()}_${randomUUID()}`;
  const lease = kubernetesLease(client, { ...at, identity, durationMs: LEASE_DURATION_MS }, clock);
  const known = knownWorkloads(() => clock.realMs());
  const events = eventRecorder(client, identity, log, known.uidOf);
  return {
    config,
    hash,
    clock,
    log,
    client,
    reader: kubernetesReader(client, clock, config.kubernetes.nodes, known),
    lease,
    identity,
    at,
    haltWatch: haltWatch(client, lease, at, log),
    metrics: prometheusSource(source),
    alerts: prometheusAlerts(source),
    events,
    policyTexts: policyMaps(client, events, clock, log),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
