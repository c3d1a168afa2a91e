import type { V1LabelSelector, V1ObjectMeta } from "@kubernetes/client-node";
import { type Workload, type WorkloadRef, workloadKey } from "../../../core/model/cluster.ts";
import { MINUTE_MS } from "../../../core/model/units.ts";
import type { NamespaceLists } from "./namespace-lists.ts";
import { selectorText } from "./selectors.ts";

/** Another workload may take the name; whoever must be right asks again. */
const HOLDS_MS = 10 * MINUTE_MS;
const REMEMBERED_MAX = 20_000;

/** What never changes of workloads that were seen a short time ago, so that it is not asked for. */
export interface KnownWorkloads {
  learn(workloads: readonly Workload[], lists: readonly NamespaceLists[]): void;
  uidOf(workload: WorkloadRef): string | null;
  /** Of its pods, as the query of a list. */
  selectorOf(workload: WorkloadRef): string | null;
}

interface Seen {
  readonly uid: string;
  readonly selector: string | null;
  readonly atMs: number;
}

interface Selecting {
  readonly metadata?: V1ObjectMeta;
  readonly spec?: { readonly selector?: V1LabelSelector };
}

export function knownWorkloads(realMs: () => number): KnownWorkloads {
  const seen = new Map<string, Seen>();
  const young = (workload: WorkloadRef): Seen | null => {
    const one = seen.get(workloadKey(workload));
    return one !== undefined && realMs() - one.atMs <= HOLDS_MS ? one : null;
  };
  return {
    learn(workloads, lists) {
      if (seen.size + workloads.length > REMEMBERED_MAX) seen.clear();
      const selectors = new Map(lists.flatMap(controllersOf).map((one) => [one.metadata?.uid, textOf(one)]));
      const atMs = realMs();
      for (const one of workloads)
        seen.set(workloadKey(one), { uid: one.uid, selector: selectors.get(one.uid) ?? null, atMs });
    },
    uidOf: (workload) => young(workload)?.uid || null,
    selectorOf: (workload) => young(workload)?.selector ?? null,
  };
}

const controllersOf = (lists: NamespaceLists): readonly Selecting[] => [
  ...lists.deployments,
  ...lists.statefulSets,
  ...lists.daemonSets,
  ...lists.replicaSets,
];

/** Null where it selects everything, or with an operator that is not known. */
function textOf({ spec }: Selecting): string | null {
  try {
    return selectorText(spec?.selector) || null;
  } catch {
    return null;
  }
}
