import { type Grid, type Reporter, stepStartMs } from "../../../core/model/series.ts";
import { SECOND_MS } from "../../../core/model/units.ts";
import { type Distribution, isMixed } from "./distribution.ts";
import type { Wanted } from "./latency.ts";
import type { Tally } from "./tally.ts";
import { blindSpans } from "./validity.ts";

/** Names in a note: more are only counted. */
const MAX_NAMES = 5;

/** `a, b, c` or `a, b, c, d, e and 7 more`, in alphabetical order. */
export function listed(names: readonly string[], most = MAX_NAMES): string {
  const sorted = [...names].sort();
  if (sorted.length <= most) return sorted.join(", ");
  return `${sorted.slice(0, most).join(", ")} and ${sorted.length - most} more`;
}

interface Facts {
  readonly tally: Tally;
  readonly grid: Grid;
  readonly readings: Wanted;
  readonly distribution: Distribution;
  readonly spacingMs: number;
  readonly unproven: number;
  readonly nowMs: number;
}

/** What limits the data, one sentence each. */
export function countsNotes(facts: Facts): readonly string[] {
  const { tally, grid, readings, distribution, spacingMs, unproven, nowMs } = facts;
  if (tally.accounts.size === 0) {
    return ["No service has a request or a connection in this window: see `aftershock doctor`."];
  }
  const notes: string[] = [];
  const outside = [...readings].flatMap(([id, { reporter }]) => (reporter === "destination" ? [id] : []));
  const several = [...readings].flatMap(([id, { callers }]) =>
    callers.size > 0 ? [`${id} (${whoSees(callers)})`] : [],
  );
  if (several.length > 0) notes.push(`Callers are read from different proxies: ${listed(several)}.`);
  if (outside.length > 0) {
    notes.push(
      `Read from the services' own proxies, because callers are outside the mesh (requests to a dead pod are not seen): ${listed(outside)}.`,
    );
  }
  notes.push(...tally.copies.says);
  if (tally.copies.summed.length > 0) notes.push(summedNote(tally.copies.summed));
  const native = [...readings].flatMap(([id, { form, boundsMs }]) =>
    form === "native" && boundsMs.length > 0 ? [id] : [],
  );
  if (native.length > 0) notes.push(`Latency is read from native histograms: ${listed(native)}.`);
  const mixed = [...readings].flatMap(([id, { reporter, form }]) =>
    form === "classic" && isMixed(distribution.get(id)?.get(reporter)) ? [id] : [],
  );
  if (mixed.length > 0) {
    notes.push(`Pods with different latency buckets; only those that all have are used: ${listed(mixed)}.`);
  }
  if (unproven > 0) {
    notes.push(
      `${unproven} series began with a proxy that was seen for the first time; their first values are not counted.`,
    );
  }
  if (grid.stepMs < spacingMs) {
    notes.push(
      `Proxies are scraped every ${spacingMs / SECOND_MS} s, less often than the step of ${grid.stepMs / SECOND_MS} s.`,
    );
  }
  if (tally.newestMs > nowMs + SECOND_MS) {
    const aheadS = Math.round((tally.newestMs - nowMs) / SECOND_MS);
    notes.push(`The newest sample is ${aheadS} s in our future: the clocks of Prometheus and Aftershock differ.`);
  }
  const blind = grid.stepMs < spacingMs ? [] : blindSpans(tally.accounts.values(), grid);
  for (const { from, to } of blind) {
    const [since, until] = [isoSecond(stepStartMs(grid, from)), isoSecond(stepStartMs(grid, to))];
    notes.push(`Prometheus scraped little or nothing between ${since} and ${until}; these steps are left out.`);
  }
  return notes;
}

/** `cart from source, unknown from destination`. */
function whoSees(callers: ReadonlyMap<string, Reporter>): string {
  const reporters = Map.groupBy(callers, ([, reporter]) => reporter);
  return [...reporters]
    .map(([reporter, of]) => `${listed(of.map(([caller]) => caller || "unknown"))} from ${reporter}`)
    .join("; ");
}

/** What sums cost, and what to change; `most` services are named. */
export const summedNote = (services: readonly string[], most = MAX_NAMES): string =>
  `Counters are sums over pods, so that what pods counted that came or went in a step is not known, and history is not read: ${listed(services, most)}. Keep pod and instance in what is scraped, recorded or federated.`;

/** `2026-03-06T07:59:00Z`. */
const isoSecond = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19)}Z`;
