import type { ClusterSnapshot, Pod } from "../model/cluster.ts";
import { SECOND_MS } from "../model/units.ts";

/** Creation times are cut to a second: a pod made at once looks older than what happened then. */
export const CREATION_SLACK_MS = SECOND_MS;

/** Uids of the pods that there were before something happened; null: nobody knows them. */
export type KnownPods = ReadonlySet<string> | null;

/**
 * The pods that were seen before these were hit. Null when none were, or when those that were hit
 * are not among them: then it was not just before.
 */
export function knownPods(
  before: Pick<ClusterSnapshot, "pods"> | null,
  hit: readonly { readonly uid: string }[],
): KnownPods {
  if (before === null) return null;
  const uids = new Set(before.pods.map((pod) => pod.uid));
  return hit.every((pod) => uids.has(pod.uid)) ? uids : null;
}

/**
 * Whether a pod came after `t0Ms`. Which pods there were says so whatever somebody sets the API
 * server's clock to: an hour back, and what comes looks older than what it replaces; an hour back
 * just before, and everything that was there looks younger. Creation times only count where nobody
 * knows the pods from before.
 */
export const cameAfter = (pod: Pod, t0Ms: number, known: KnownPods): boolean =>
  known === null ? pod.createdAtMs >= t0Ms - CREATION_SLACK_MS : !known.has(pod.uid);

/**
 * Since when a pod that came after `t0Ms` is Ready, ms. A time before that or after `nowMs` is of a
 * clock that was set meanwhile: then it is since now, as far as anybody knows.
 */
export const readySince = ({ readySinceMs }: Pod, t0Ms: number, nowMs: number): number =>
  readySinceMs === null || readySinceMs < t0Ms - CREATION_SLACK_MS ? nowMs : Math.min(readySinceMs, nowMs);
