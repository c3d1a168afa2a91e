import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import type { V1ConfigMap } from "@kubernetes/client-node";
import { AftershockError, describeError, hasCode } from "../../../core/model/error.ts";
import {
  FORMER_POLICY_LABEL,
  POLICY_ENTRY,
  POLICY_LABEL,
  POLICY_MAX_CHARS,
  type PolicyText,
} from "../../../core/model/team-policy.ts";
import { MINUTE_MS, SECOND_MS } from "../../../core/model/units.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { PolicyTexts, Sighting } from "../../../ports/policy-texts.ts";
import type { KubernetesClient } from "../client/client.ts";
import { listFew } from "../client/lists.ts";
import { CALM_MS, pauseAfter, waitAfter } from "../client/pace.ts";
import { collectionPath } from "../client/paths.ts";
import { parseStatus } from "../client/status.ts";
import { timeMs } from "../client/time.ts";
import { watchEvents } from "../client/watch-lines.ts";
import type { EventRecorder } from "../events/events.ts";

export interface PolicyMapsOptions {
  /**
   * Wait between a change and the list that follows it, ms of real time: several changes come at
   * once.
   */
  readonly pauseMs?: number;
  /** Wait after `failures` failures in a row, ms. */
  readonly backoffMs?: (failures: number) => number;
  /** Silence after which a connection is taken for dead, ms. */
  readonly quietMs?: number;
}

const SELECTOR = `${POLICY_LABEL}=true`;
/** Only listed: what changes under it is seen when it is time to look again. */
const FORMER_SELECTOR = `${FORMER_POLICY_LABEL}=true`;
/** Each may have 1 MiB: few at a time, so that parsing keeps nobody waiting. */
const PAGE_SIZE = 5;
const MAX_PAGES = 20;
/** Keys that are remembered of a ConfigMap that has many: enough to say that these are too many. */
const MAX_ENTRIES = 10;
/**
 * Whatever a watch misses is found this soon, seconds; where there is no watch, after half of it.
 */
const WATCH_SECONDS = 60;
const PAUSE_MS = 250;
/** Refusals that are remembered; one that was forgotten meets its own event in the cluster. */
const MAX_TOLD = 1_000;
const BACKOFF_MAX_MS = 30 * SECOND_MS;
const QUIET_MS = 1.5 * MINUTE_MS;
/**
 * A server that fails so often in a row, over half a minute at least, leaves it unknown what a team
 * wants.
 */
const UNREAD_AFTER_FAILURES = 6;

const doubling = (failures: number): number => Math.min(BACKOFF_MAX_MS, SECOND_MS * 2 ** (failures - 1));

/**
 * ConfigMaps that teams label as policies. A watch says that something changed; what there is comes
 * from a list.
 */
export function policyMaps(
  client: KubernetesClient,
  events: Pick<EventRecorder, "policyRefused">,
  clock: Clock,
  log: Log,
  { pauseMs = PAUSE_MS, backoffMs = doubling, quietMs = QUIET_MS }: PolicyMapsOptions = {},
): PolicyTexts {
  const told = new Set<string>();

  async function followOne(namespace: string, seen: (sighting: Sighting) => void, signal: AbortSignal): Promise<void> {
    let failures = 0;
    let inARow = 0;
    let last = "";
    const tell = (sighting: Sighting): void => {
      const key = keyOf(sighting);
      if (key !== last) seen(sighting);
      last = key;
    };
    const rest = (ms: number) => wait(ms, undefined, { signal }).catch(() => undefined);
    while (!signal.aborted) {
      const found = await list(client, namespace, signal).catch((cause: unknown) => ({ cause }));
      if (signal.aborted) return;
      if ("cause" in found) {
        const why = describeError(found.cause);
        failures += 1;
        if (failures === 1) log.warn("policies of a team cannot be read", { namespace, why });
        if (hasCode(found.cause, "cluster-forbidden") || failures >= UNREAD_AFTER_FAILURES) tell({ unread: why });
        await rest(waitAfter(found.cause, backoffMs(failures)));
        continue;
      }
      failures = 0;
      tell(found.sighting);
      const beganMs = performance.now();
      await rest(
        await changed(client, namespace, found.version, quietMs, signal).then(
          () => {
            inARow = performance.now() - beganMs >= CALM_MS ? 0 : inARow + 1;
            return pauseAfter(inARow, pauseMs);
          },
          (cause: unknown) => {
            if (!signal.aborted)
              log.debug("policies of a team are listed again soon", { namespace, why: describeError(cause) });
            return BACKOFF_MAX_MS;
          },
        ),
      );
    }
  }

  return {
    async look(namespace, signal) {
      try {
        return (await list(client, namespace, signal)).sighting;
      } catch (cause) {
        signal.throwIfAborted();
        return { unread: describeError(cause) };
      }
    },
    async follow(namespaces, seen, signal) {
      await Promise.all(
        namespaces.map((namespace) => followOne(namespace, (sighting) => seen(namespace, sighting), signal)),
      );
    },
    async refuse(text, why, signal) {
      const key = createHash("sha256").update(`${text.uid}\0${text.hash}\0${why}`).digest("hex").slice(0, 16);
      if (told.has(key)) return;
      told.add(key);
      const [oldest] = told.size > MAX_TOLD ? told : [];
      if (oldest !== undefined) told.delete(oldest);
      await events.policyRefused({ text, why, key }, clock.nowMs(), signal);
    },
  };
}

const keyOf = (sighting: Sighting): string =>
  JSON.stringify("unread" in sighting ? sighting : sighting.texts.map(({ uid, hash }) => [uid, hash]));

async function list(
  client: KubernetesClient,
  namespace: string,
  signal: AbortSignal,
): Promise<{ readonly sighting: Sighting; readonly version: string }> {
  const read = (map: V1ConfigMap) => (map.metadata?.deletionTimestamp === undefined ? [toText(map)] : []);
  const all = new Map<string, PolicyText>();
  let version: string | undefined;
  for (const labelSelector of [SELECTOR, FORMER_SELECTOR]) {
    const few = { resource: "configmaps" as const, namespace, labelSelector, pageSize: PAGE_SIZE, maxPages: MAX_PAGES };
    const found = await listFew(client, few, read, signal);
    if (found === null) {
      const unread = `more than ${PAGE_SIZE * MAX_PAGES} ConfigMaps carry the label ${labelSelector}: none of them is read`;
      return { sighting: { unread }, version: "" };
    }
    version ??= found.resourceVersion;
    for (const text of found.items.flat()) all.set(text.uid, text);
  }
  const texts = [...all.values()].toSorted((a, b) => a.createdAtMs - b.createdAtMs || (a.name < b.name ? -1 : 1));
  return { sighting: { texts }, version: version ?? "" };
}

function toText({ metadata, data = {}, binaryData = {} }: V1ConfigMap): PolicyText {
  const entries = [...Object.keys(data), ...Object.keys(binaryData)].sort();
  const hash = createHash("sha256");
  for (const key of entries) hash.update(JSON.stringify([key, data[key] ?? binaryData[key]]));
  const text = data[POLICY_ENTRY];
  const writes = (metadata?.managedFields ?? []).map(({ manager, time }) => ({ manager, atMs: timeMs(time) ?? 0 }));
  return {
    namespace: metadata?.namespace ?? "",
    name: metadata?.name ?? "",
    uid: metadata?.uid ?? "",
    createdAtMs: timeMs(metadata?.creationTimestamp) ?? 0,
    writtenBy: writes.toSorted((a, b) => b.atMs - a.atMs)[0]?.manager ?? null,
    hash: hash.digest("hex"),
    entries: entries.filter((key, i) => key === POLICY_ENTRY || i < MAX_ENTRIES),
    text: text !== undefined && text.length <= POLICY_MAX_CHARS ? text : null,
    chars: text?.length ?? 0,
  };
}

/** Resolves when something changed after `version`, or when it is time to look again anyway. */
async function changed(
  client: KubernetesClient,
  namespace: string,
  version: string,
  quietMs: number,
  signal: AbortSignal,
): Promise<void> {
  const query = {
    watch: "true",
    allowWatchBookmarks: "true",
    labelSelector: SELECTOR,
    ...(version === "" ? {} : { resourceVersion: version }),
    timeoutSeconds: String(WATCH_SECONDS),
  };
  const body = await client.stream(collectionPath("configmaps", namespace), query, signal);
  for await (const { type, object } of watchEvents(body, quietMs)) {
    if (type === "BOOKMARK") continue;
    if (type !== "ERROR") return;
    const status = parseStatus(object);
    if (status?.code === 410) return;
    throw new AftershockError("cluster-unavailable", `the watch of policies ended: ${status?.message ?? "no reason"}`, {
      retryable: true,
    });
  }
}
