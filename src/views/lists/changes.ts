import type { ServiceId } from "../../core/model/cluster.ts";
import type { Outcome } from "../../core/model/outcome.ts";
import type { ListedExperiment } from "./listed.ts";

/** A service whose newest outcome is another one than the one before. */
export interface ChangedOutcome {
  readonly service: ServiceId;
  readonly before: Outcome;
  readonly now: Outcome;
  /** The experiment that showed it. */
  readonly id: string;
  readonly atMs: number;
}

/**
 * Services whose last two outcomes differ, the last one since `sinceMs`; newest first. What could
 * not be judged says nothing, and shams test nothing. `lines` are newest first.
 */
export function changedOutcomes(lines: readonly ListedExperiment[], sinceMs: number): readonly ChangedOutcome[] {
  const last = new Map<ServiceId, { readonly outcome: Outcome; readonly line: ListedExperiment }>();
  const settled = new Set<ServiceId>();
  const changed: ChangedOutcome[] = [];
  for (const line of lines) {
    if (line.outcome === null) continue;
    for (const { service, outcome } of line.effects) {
      if (outcome === "unknown" || settled.has(service)) continue;
      const newer = last.get(service);
      if (newer === undefined) {
        if (line.atMs < sinceMs) settled.add(service);
        else last.set(service, { outcome, line });
        continue;
      }
      settled.add(service);
      if (newer.outcome === outcome) continue;
      const { id, atMs } = newer.line;
      changed.push({ service, before: outcome, now: newer.outcome, id, atMs });
    }
  }
  return changed.toSorted((a, b) => b.atMs - a.atMs);
}
