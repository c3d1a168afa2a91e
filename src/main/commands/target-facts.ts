import { routesReader } from "../../adapters/kubernetes/faults/http/http-fault.ts";
import { pack, unpack } from "../../adapters/storage/packed.ts";
import { readPast } from "../../app/preflight/gather-facts.ts";
import { routesOf } from "../../app/preflight/http-route-facts.ts";
import type { Settings } from "../../app/preflight/settings.ts";
import { bookOf } from "../../app/records/experiment-reader.ts";
import type { ClusterSnapshot } from "../../core/model/cluster.ts";
import { describeError } from "../../core/model/error.ts";
import type { Policy } from "../../core/model/policy.ts";
import type { PastInjection, TargetFacts } from "../../core/targeting/facts.ts";
import type { Io } from "../io.ts";
import type { Cluster } from "../open-cluster.ts";
import { storageOf } from "../setup/configured.ts";
import { sweepScope } from "../setup/sweep-scope.ts";

/** What an experiment would know of its targets besides policy and cluster. */
export interface KnownFacts {
  of(policy: Policy, snapshot: ClusterSnapshot, signal: AbortSignal): Promise<TargetFacts>;
  /** Why cooldowns are left out, for people; null: they are known. */
  readonly unknown: string | null;
}

/**
 * Reads the journal for cooldowns, as the gates do. Who explains need not reach the storage of the
 * worker: then it says so.
 */
export async function knownFacts(cluster: Cluster, settings: Settings, io: Io): Promise<KnownFacts> {
  const { client, reader } = cluster;
  const routes = routesReader(client, sweepScope(reader, () => settings).namespaces);
  const { past, unknown } = await pastOf(cluster, io);
  return {
    unknown,
    async of(policy, snapshot, signal) {
      const { protectedNamespaces } = settings;
      return { past, protectedNamespaces, ...(await routesOf(routes, policy, snapshot, signal)) };
    },
  };
}

async function pastOf(
  { config, clock, log }: Cluster,
  io: Io,
): Promise<{ readonly past: readonly PastInjection[]; readonly unknown: string | null }> {
  try {
    const storage = await storageOf(config, io, { clock, log });
    try {
      const { past } = await readPast(bookOf(storage.journal, { pack, unpack }), clock.nowMs());
      return { past, unknown: null };
    } finally {
      await storage.close();
    }
  } catch (cause) {
    return { past: [], unknown: `cooldowns are not known: ${describeError(cause)}` };
  }
}
