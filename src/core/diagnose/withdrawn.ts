import type { FindingEvent } from "../model/journal.ts";

/**
 * What is still said of one finding: nothing that an experiment said whose verdict was withdrawn
 * later. A finding of which nothing is left was never seen.
 * @param eventOf the event of one item, so that journal entries can be given as they are
 */
export function withoutWithdrawn<T>(items: readonly T[], eventOf: (item: T) => FindingEvent): readonly T[] {
  const withdrawn = new Set(
    items.map(eventOf).flatMap(({ kind, experimentId }) => (kind === "withdrawn" ? [experimentId] : [])),
  );
  return withdrawn.size === 0 ? items : items.filter((item) => !withdrawn.has(eventOf(item).experimentId));
}
