import { setTimeout as wait } from "node:timers/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { AftershockError, hasCode } from "../../../core/model/error.ts";
import { MINUTE_MS, SECOND_MS } from "../../../core/model/units.ts";
import type { KubernetesClient } from "../client/client.ts";
import { listAll } from "../client/lists.ts";
import { waitAfter } from "../client/pace.ts";
import { collectionPath } from "../client/paths.ts";
import { isRecord, parseStatus } from "../client/status.ts";
import { type WatchEvent, watchEvents } from "../client/watch-lines.ts";
import { ownerResolver } from "../read/owners.ts";
import { type PodCache, type PodChange, podCache } from "./pod-cache.ts";

export type { PodChange } from "./pod-cache.ts";

export interface PodHandlers {
  /**
   * A pod came, changed or went. What it throws or rejects with goes to `trouble`, and the watch
   * goes on.
   */
  pod(change: PodChange): void | Promise<void>;
  /** The watch broke (it comes back by itself) or a handler failed. */
  trouble(cause: unknown): void;
}

export interface WatchOptions {
  /** Wait before the next try after `failures` failures in a row, ms of real time. */
  readonly backoffMs?: (failures: number) => number;
  /** Wait after a watch that ended in good order, ms. */
  readonly pauseMs?: number;
  /** Silence after which a connection is taken for dead, ms. */
  readonly quietMs?: number;
}

/**
 * How long the server keeps one watch open, seconds; it then ends it by itself, and the next one
 * begins where it ended.
 */
const WATCH_SECONDS = 290;
/**
 * Pause after a watch that ended in good order, ms: a server that ends each at once is not
 * hammered.
 */
const PAUSE_MS = 500;
const BACKOFF_MIN_MS = 250;
const BACKOFF_MAX_MS = 30 * SECOND_MS;
/** Servers send a bookmark about every minute. */
const QUIET_MS = 1.5 * MINUTE_MS;

const doubling = (failures: number): number => Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** (failures - 1));

/**
 * Follows the pods of some namespaces until `signal` aborts, then resolves; never rejects. Comes
 * back after whatever error, from where it was; when the server has forgotten that point (410),
 * from a new list, whose missing pods are told as deleted. For seeing, not for deciding: what must
 * be right is read afresh.
 */
export async function watchPods(
  client: KubernetesClient,
  namespaces: readonly string[],
  handlers: PodHandlers,
  signal: AbortSignal,
  options: WatchOptions = {},
): Promise<void> {
  const owners = ownerResolver(client);
  const tell = (change: PodChange): void => {
    new Promise<void>((resolve) => resolve(handlers.pod(change))).catch((cause: unknown) => report(handlers, cause));
  };
  await Promise.all(
    namespaces.map((namespace) =>
      follow(client, { namespace, cache: podCache(owners, tell), handlers }, options, signal),
    ),
  );
}

interface Followed {
  readonly namespace: string;
  readonly cache: PodCache;
  readonly handlers: PodHandlers;
}

async function follow(
  client: KubernetesClient,
  { namespace, cache, handlers }: Followed,
  { backoffMs = doubling, pauseMs = PAUSE_MS, quietMs = QUIET_MS }: WatchOptions,
  signal: AbortSignal,
): Promise<void> {
  let version = "";
  let failures = 0;
  while (!signal.aborted) {
    let waitMs = pauseMs;
    try {
      if (version === "") version = await relist(client, namespace, cache, signal);
      const body = await client.stream(collectionPath("pods", namespace), watchQuery(version), signal);
      for await (const event of watchEvents(body, quietMs)) {
        version = await apply(event, cache, signal);
        failures = 0;
      }
    } catch (cause) {
      if (signal.aborted) return;
      if (hasCode(cause, "cluster-gone") || isRefusal(cause)) version = "";
      report(handlers, cause);
      failures += 1;
      waitMs = waitAfter(cause, backoffMs(failures));
    }
    await wait(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

/**
 * A server that will not hear of this again may mean the version: one that it did not give out, as
 * after a restored backup.
 */
const isRefusal = (cause: unknown): boolean => cause instanceof AftershockError && !cause.retryable;

const watchQuery = (resourceVersion: string) => ({
  watch: "true",
  allowWatchBookmarks: "true",
  resourceVersion,
  timeoutSeconds: String(WATCH_SECONDS),
});

async function relist(
  client: KubernetesClient,
  namespace: string,
  cache: PodCache,
  signal: AbortSignal,
): Promise<string> {
  const all = await listAll(client, "pods", namespace, signal);
  await cache.replace(all.items, signal);
  return all.resourceVersion;
}

/** Takes in one event; answers the version from which a later watch goes on. */
async function apply(event: WatchEvent, cache: PodCache, signal: AbortSignal): Promise<string> {
  if (event.type === "ERROR") throw watchError(event.object);
  const pod = isRecord(event.object) ? (event.object as V1Pod) : {};
  if (event.type === "ADDED" || event.type === "MODIFIED") await cache.put(pod, signal);
  if (event.type === "DELETED") await cache.remove(pod, signal);
  return pod.metadata?.resourceVersion ?? "";
}

function watchError(body: unknown): AftershockError {
  const status = parseStatus(body);
  const code = status?.code === 410 ? "cluster-gone" : "cluster-unavailable";
  return new AftershockError(code, `the watch of pods ended: ${status?.message ?? "no explanation"}`, {
    retryable: true,
  });
}

function report(handlers: PodHandlers, cause: unknown): void {
  try {
    handlers.trouble(cause);
  } catch {
    // whoever is to be told fails too: there is nobody left to tell
  }
}
