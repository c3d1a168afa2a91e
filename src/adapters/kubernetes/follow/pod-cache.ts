import type { V1Pod } from "@kubernetes/client-node";
import type { Pod } from "../../../core/model/cluster.ts";
import type { Owners } from "../read/owners.ts";
import { toPod } from "../read/pod.ts";

export interface PodChange {
  readonly kind: "added" | "changed" | "deleted";
  readonly pod: Pod;
}

/** What is known of one namespace's pods, by uid, and what a new list or event changes in it. */
export interface PodCache {
  /** A whole list: what it no longer has was deleted while nobody looked. */
  replace(pods: readonly V1Pod[], signal: AbortSignal): Promise<void>;
  put(pod: V1Pod, signal: AbortSignal): Promise<void>;
  remove(pod: V1Pod, signal: AbortSignal): Promise<void>;
}

export function podCache(owners: Owners, tell: (change: PodChange) => void): PodCache {
  const known = new Map<string, Pod>();
  const versions = new Map<string, string>();
  const read = async (pod: V1Pod, signal: AbortSignal) =>
    toPod(pod, await owners.workloadOf(pod.metadata ?? {}, signal));
  const forget = (uid: string) => {
    known.delete(uid);
    versions.delete(uid);
  };
  async function put(pod: V1Pod, signal: AbortSignal): Promise<void> {
    const uid = pod.metadata?.uid ?? "";
    const version = pod.metadata?.resourceVersion ?? "";
    if (versions.get(uid) === version) return;
    const now = await read(pod, signal);
    const kind = known.has(uid) ? "changed" : "added";
    known.set(uid, now);
    versions.set(uid, version);
    tell({ kind, pod: now });
  }
  return {
    put,
    async replace(pods, signal) {
      const present = new Set(pods.map((pod) => pod.metadata?.uid));
      for (const [uid, pod] of known) {
        if (present.has(uid)) continue;
        forget(uid);
        tell({ kind: "deleted", pod });
      }
      for (const pod of pods) await put(pod, signal);
    },
    async remove(pod, signal) {
      const last = await read(pod, signal);
      forget(last.uid);
      tell({ kind: "deleted", pod: last });
    },
  };
}
