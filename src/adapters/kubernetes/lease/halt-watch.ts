import { setTimeout as wait } from "node:timers/promises";
import { AftershockError, describeError } from "../../../core/model/error.ts";
import { MINUTE_MS, SECOND_MS } from "../../../core/model/units.ts";
import type { Halt, HaltSwitch, HaltWatch } from "../../../ports/lease.ts";
import type { Log } from "../../../ports/log.ts";
import type { KubernetesClient } from "../client/client.ts";
import { CALM_MS } from "../client/pace.ts";
import { collectionPath } from "../client/paths.ts";
import { isRecord, parseStatus } from "../client/status.ts";
import { watchEvents } from "../client/watch-lines.ts";
import { readHalt } from "./lease-notes.ts";
import type { LeaseObject } from "./lease-object.ts";

export interface HaltWatchOptions {
  readonly namespace: string;
  /** Name of the lease. */
  readonly name: string;
  /** Time between two reads while no watch stands, ms of real time. */
  readonly everyMs?: number;
  /** Silence after which a connection is taken for dead, ms. */
  readonly quietMs?: number;
}

/** How long the server keeps one watch open, seconds. */
const WATCH_SECONDS = 290;
/** Servers send a bookmark about every minute. */
const QUIET_MS = 1.5 * MINUTE_MS;
/**
 * Without a watch the switch is read this often, and a watch is tried again after 1, 2, 4 … and at
 * most so many reads.
 */
const MAX_READS_BETWEEN = 30;

/**
 * Follows the halt annotation by a watch of the one lease: nothing to pay while nothing happens.
 * Where no watch can be had (a right is missing, the server is ill), the lease is read once a
 * second instead.
 */
export function haltWatch(
  client: KubernetesClient,
  halt: Pick<HaltSwitch, "read">,
  { namespace, name, everyMs = SECOND_MS, quietMs = QUIET_MS }: HaltWatchOptions,
  log: Log,
): HaltWatch {
  const path = collectionPath("leases", namespace);
  /**
   * Without a version a watch begins with what there is now, so that nothing falls between the read
   * and the watch.
   */
  const query = {
    watch: "true",
    allowWatchBookmarks: "true",
    fieldSelector: `metadata.name=${name}`,
    timeoutSeconds: String(WATCH_SECONDS),
  };

  /** Ends when the server ends the watch in good order. */
  async function watchOnce(seen: (halt: Halt | null) => void, began: () => void, signal: AbortSignal): Promise<void> {
    const body = await client.stream(path, query, signal);
    began();
    for await (const { type, object } of watchEvents(body, quietMs)) {
      if (type === "ERROR") throw ended(object);
      const lease = isRecord(object) ? (object as LeaseObject) : {};
      if (lease.metadata?.name !== name || type === "BOOKMARK") continue;
      seen(type === "DELETED" ? null : readHalt(lease));
    }
  }

  return {
    async follow(seen, signal) {
      let failures = 0;
      let readsLeft = 0;
      while (!signal.aborted) {
        let beganMs = Number.POSITIVE_INFINITY;
        try {
          seen(await halt.read(signal));
          if (readsLeft > 0) readsLeft -= 1;
          else {
            await watchOnce(
              seen,
              () => {
                beganMs = performance.now();
              },
              signal,
            );
            failures = 0;
          }
        } catch (cause) {
          if (signal.aborted) return;
          if (performance.now() - beganMs >= CALM_MS) failures = 0;
          if (failures === 0) log.warn("the halt switch is read once a second for now", { why: describeError(cause) });
          readsLeft = Math.min(MAX_READS_BETWEEN, 2 ** failures);
          failures = Math.min(failures + 1, MAX_READS_BETWEEN);
        }
        await wait(everyMs, undefined, { signal }).catch(() => undefined);
      }
    },
  };
}

function ended(body: unknown): AftershockError {
  const why = parseStatus(body)?.message ?? "no explanation";
  return new AftershockError("cluster-unavailable", `the watch of the lease ended: ${why}`, { retryable: true });
}
