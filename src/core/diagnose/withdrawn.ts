import type { FindingEvent } from "../model/journal.ts";
import { isDecision } from "./handling.ts";

/**
 * What is still said of one finding: nothing that an experiment said whose verdict was withdrawn
 * later. What people decided stays. A finding of which nothing else is left was never seen.
 * @param eventOf the event of one item, so that journal entries can be given as they are
 */
export function withoutWithdrawn<T>(items: readonly T[], eventOf: (item: T) => FindingEvent): readonly T[] {
  const withdrawn = new Set(
    items.map(eventOf).flatMap(({ kind, experimentId }) => (kind === "withdrawn" ? [experimentId] : [])),
  );
  if (withdrawn.size === 0) return items;
  const left = items.filter((item) => isDecision(eventOf(item)) || !withdrawn.has(eventOf(item).experimentId));
  return left.every((item) => isDecision(eventOf(item))) ? [] : left;
}
