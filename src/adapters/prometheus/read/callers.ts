import type { Reporter } from "../../../core/model/series.ts";
import { chooseReporter, REPORTERS, type Totals } from "../signals/reporter.ts";

/**
 * Successful requests of each caller, as each kind of reporter counted them; the caller that nobody
 * knows is "".
 */
export type CallerTotals = ReadonlyMap<string, Totals>;

export const NO_TOTALS: Totals = { source: 0, waypoint: 0, destination: 0 };

/**
 * Who is believed about each caller of one service, so that each request counts once. A caller
 * whose own proxies report is read from these: they alone see how it saw it, once for each request
 * however often it was retried. Requests of nobody known may be those of callers that no other
 * proxy names, as without mutual TLS: these are one group, and are read from whoever saw more of
 * it.
 */
export function chooseCallers(totals: CallerTotals): ReadonlyMap<string, Reporter> {
  const chosen = new Map<string, Reporter>();
  const unknown = totals.get("") ?? NO_TOTALS;
  const group: string[] = [];
  for (const [caller, seen] of totals) {
    if (caller === "") continue;
    const isGroup = seen.waypoint + seen.destination === 0 && unknown.waypoint + unknown.destination > 0;
    if (isGroup) group.push(caller);
    else chosen.set(caller, chooseReporter(seen));
  }
  if (!totals.has("") && group.length === 0) return chosen;
  const all = group.reduce((sum, caller) => added(sum, totals.get(caller) ?? NO_TOTALS), unknown);
  const reporter = chooseReporter(all);
  for (const caller of ["", ...group]) chosen.set(caller, reporter);
  return chosen;
}

export const added = (a: Totals, b: Totals): Totals => ({
  source: a.source + b.source,
  waypoint: a.waypoint + b.waypoint,
  destination: a.destination + b.destination,
});

/** The reporter that is believed about most requests; `source` of none. */
export function mostly(callers: ReadonlyMap<string, Reporter>, totals: CallerTotals): Reporter {
  const counted: Record<Reporter, number> = { source: 0, waypoint: 0, destination: 0 };
  for (const [caller, reporter] of callers) counted[reporter] += totals.get(caller)?.[reporter] ?? 0;
  return REPORTERS.reduce((best, one) => (counted[one] > counted[best] ? one : best));
}
