import { becameUnready, lossOf } from "../../../core/experiment/loss.ts";
import type { Pod } from "../../../core/model/cluster.ts";
import { describeError } from "../../../core/model/error.ts";
import type { Log } from "../../../ports/log.ts";
import type { PodWatch } from "../../../ports/pod-watch.ts";
import type { KubernetesClient } from "../client/client.ts";
import { type WatchOptions, watchPods } from "./watch.ts";

/**
 * Tells losses from one watch per namespace; what was lost while a watch was broken is told when it
 * is back.
 */
export function podLosses(client: KubernetesClient, log: Log, options: WatchOptions = {}): PodWatch {
  return {
    async follow(namespaces, lost, signal) {
      const known = new Map<string, Pod>();
      const handlers = {
        pod({ kind, pod }: { readonly kind: "added" | "changed" | "deleted"; readonly pod: Pod }) {
          const before = known.get(pod.uid);
          const now = kind === "deleted" ? null : pod;
          const what = before && (lossOf(before, now) ?? (becameUnready(before, now) ? "unready" : null));
          if (before && what) lost({ what, pod: before }, () => [...known.values()]);
          if (now === null) known.delete(pod.uid);
          else known.set(pod.uid, now);
        },
        trouble: (cause: unknown) => log.debug("the watch of pods broke and comes back", { why: describeError(cause) }),
      };
      await watchPods(client, namespaces, handlers, signal, options);
    },
  };
}
