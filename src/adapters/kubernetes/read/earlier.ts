import type { ClusterSnapshot } from "../../../core/model/cluster.ts";
import { SECOND_MS } from "../../../core/model/units.ts";
import type { NamespaceLists, Surroundings } from "./namespace-lists.ts";

/**
 * A namespace, its Services and its autoscalers are believed for this long, ms of real time, from
 * before they were asked for: an autoscaler that begins to scale changes its workload, and the pods
 * of a namespace that is deleted are terminating; both are seen on workload and pods.
 */
const SURROUNDINGS_HOLD_MS = 10 * SECOND_MS;

/** What was read of one namespace a moment ago. */
export interface Earlier {
  readonly lists: NamespaceLists;
  /** Null: too old to be believed. */
  readonly surroundings: Surroundings | null;
  /** Before they were asked for, by the real counter. */
  readonly aroundSinceMs: number;
}

/** The lists behind answers, for as long as somebody has the answer. */
export interface EarlierLists {
  keep(answer: ClusterSnapshot, lists: readonly Kept[]): void;
  /** Of one namespace; null where nobody read it for this answer. */
  of(answer: ClusterSnapshot | undefined, namespace: string): Earlier | null;
}

export type Kept = Omit<Earlier, "surroundings">;

export function earlierLists(realMs: () => number): EarlierLists {
  const kept = new WeakMap<ClusterSnapshot, ReadonlyMap<string, Kept>>();
  return {
    keep(answer, lists) {
      // pods and budgets are read each time
      const spare = lists.map((one) => ({ ...one, lists: { ...one.lists, pods: [], budgets: [] } }));
      kept.set(answer, new Map(spare.map((one) => [one.lists.namespace.metadata?.name ?? "", one])));
    },
    of(answer, namespace) {
      const found = answer === undefined ? undefined : kept.get(answer)?.get(namespace);
      if (found === undefined) return null;
      const { lists, aroundSinceMs } = found;
      const { namespace: self, services, endpointSlices, autoscalers } = lists;
      const holds = realMs() - aroundSinceMs <= SURROUNDINGS_HOLD_MS;
      const surroundings = holds ? { namespace: self, services, endpointSlices, autoscalers } : null;
      return { lists, surroundings, aroundSinceMs };
    },
  };
}
