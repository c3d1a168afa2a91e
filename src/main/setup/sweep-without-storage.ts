import type { KubernetesClient } from "../../adapters/kubernetes/client/client.ts";
import { kubernetesInjector } from "../../adapters/kubernetes/faults/injector.ts";
import type { Settings } from "../../app/preflight/settings.ts";
import { sweepExpired } from "../../app/worker/sweep.ts";
import { describeError } from "../../core/model/error.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Clock } from "../../ports/clock.ts";
import type { ClusterReader } from "../../ports/cluster.ts";
import type { Lease } from "../../ports/lease.ts";
import type { Log } from "../../ports/log.ts";
import { sweepScope } from "./sweep-scope.ts";

/** A command that cannot open its storage looks for faults for so long at most, ms. */
const SWEEP_MS = 8 * SECOND_MS;

/** What is reached without the storage. */
export interface Seen {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly reader: ClusterReader;
  readonly lease: Lease;
}

/**
 * Takes back what is over by its own expiry, for a process that cannot open its storage: whoever
 * began it may be dead, and nobody else may come. The lease tells the name of the installation
 * whose journal has the last intent. Never rejects.
 */
export async function sweepWithoutStorage(
  { client, clock, log, reader, lease }: Seen,
  settings: () => Settings,
): Promise<void> {
  const signal = AbortSignal.timeout(SWEEP_MS);
  try {
    const installation = (await lease.lastIntent(signal))?.installation;
    const named = installation === undefined ? {} : { installation };
    const injector = kubernetesInjector(client, clock, log, { ...sweepScope(reader, settings), ...named });
    await sweepExpired({ clock, log, injector, lease }, signal);
  } catch (cause) {
    log.warn("while the storage is away faults could not be looked for", { why: describeError(cause) });
  }
}
