import { type KnownPods, knownPods } from "../../core/experiment/newcomers.ts";
import type { ExperimentState } from "../../core/model/experiment.ts";
import type { Archive } from "../records/archive.ts";

type Snapshots = Pick<Archive, "snapshot">;

/** Of the last experiment that was asked for: it is looked at every few seconds. */
const last = new WeakMap<Snapshots, { readonly id: string; readonly pods: KnownPods }>();

/**
 * The pods that there were before the call of this experiment; null: nobody kept them. Rejects as
 * the storage does.
 */
export async function podsBefore(archive: Snapshots, { plan, choice }: ExperimentState): Promise<KnownPods> {
  if (plan === null || choice === null) return null;
  const known = last.get(archive);
  if (known?.id === plan.id) return known.pods;
  const pods = knownPods(await archive.snapshot(plan.id, "before"), choice.target.pods);
  if (pods !== null) last.set(archive, { id: plan.id, pods });
  return pods;
}
