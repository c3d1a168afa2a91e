import { type ServiceId, serviceId } from "../../../core/model/cluster.ts";
import type { ConnectionCounts, Grid, LatencyCounts, Reporter, ServiceCounts } from "../../../core/model/series.ts";
import type { Readings } from "../../../ports/metrics.ts";
import type { Totals } from "../signals/reporter.ts";
import { type Account, type Book, sumBooks } from "./books.ts";
import { type CallerTotals, chooseCallers, mostly, NO_TOTALS } from "./callers.ts";
import { canRead, chooseBounds, chooseForm, type Distribution } from "./distribution.ts";
import type { FormedReading, LatencyBook, Wanted } from "./latency.ts";
import type { Tally } from "./tally.ts";
import type { Unread } from "./unread.ts";
import { validSteps } from "./validity.ts";

/**
 * Reporters and bounds of every service: as they were kept, else chosen; and in which form its
 * latency is there.
 */
export function chooseReadings(tally: Tally, distribution: Distribution, kept: Readings): Wanted {
  const accounts = byService(tally);
  const readings = new Map<ServiceId, FormedReading>();
  for (const id of new Set([...accounts.keys(), ...distribution.keys()])) {
    const known = kept.get(id);
    const seen = distribution.get(id);
    const totals = totalsOf(accounts.get(id) ?? [], seen);
    const chosen = chooseCallers(totals);
    const isOne = new Set(chosen.values()).size < 2;
    const reporter = isOne && known !== undefined ? known.reporter : mostly(chosen, totals);
    const reported = seen?.get(reporter);
    // A service that had no successful request yet has no bounds to keep; those of buckets that are
    // gone cannot be kept.
    const isKept = known !== undefined && known.boundsMs.length > 0 && canRead(reported, known.boundsMs);
    const boundsMs = isKept ? known.boundsMs : chooseBounds(reported);
    readings.set(id, { reporter, boundsMs, form: chooseForm(reported), callers: isOne ? new Map() : chosen });
  }
  return readings;
}

/**
 * Successful requests of every caller: as last seen before anything happened, or else as counted
 * over the grid.
 */
function totalsOf(
  accounts: readonly Account[],
  seen: ReadonlyMap<Reporter, { readonly requests: ReadonlyMap<string, number> }> | undefined,
): CallerTotals {
  const totals = new Map<string, Totals>();
  const put = (caller: string, reporter: Reporter, amount: number): void => {
    if (amount > 0) totals.set(caller, { ...(totals.get(caller) ?? NO_TOTALS), [reporter]: amount });
  };
  for (const [reporter, { requests }] of seen ?? []) {
    for (const [caller, amount] of requests) put(caller, reporter, amount);
  }
  const before = new Set(totals.keys());
  for (const { caller, reporter, http } of accounts) {
    if (!before.has(caller) && http !== null) put(caller, reporter, sum(http.all) - sum(http.bad));
  }
  return totals;
}

interface Parts {
  readonly spacingMs: number;
  readonly latency?: LatencyBook;
  readonly unread: (service: ServiceId, accounts: readonly Account[]) => Unread;
}

/** What was counted, one entry a service that has any series, by name. */
export function assemble(
  tally: Tally,
  grid: Grid,
  readings: Wanted,
  { spacingMs, latency, unread }: Parts,
): readonly ServiceCounts[] {
  const services: ServiceCounts[] = [];
  for (const [service, accounts] of byService(tally)) {
    const reading = readings.get(service);
    const reporter = reading?.reporter ?? "source";
    const http = sumBooks(
      accounts.flatMap((one) =>
        one.http !== null && one.reporter === (reading?.callers.get(one.caller) ?? reporter) ? [one.http] : [],
      ),
    );
    const { book: tcp, reporter: witness } = connectionBook(accounts);
    const book = http ?? tcp;
    if (book === null) continue;
    const valid = validSteps(book, grid, tally.newestMs, spacingMs);
    const why = unread(service, accounts);
    services.push({
      service,
      reporter: http === null ? witness : reporter,
      requests: http?.all ?? new Float64Array(grid.steps),
      failures: http?.bad ?? new Float64Array(grid.steps),
      latency: masked(latency?.of(service) ?? null, http, valid),
      connections: tcp && connectionsOf(tcp),
      valid,
      flags: Object.fromEntries([...book.flags].sort(([a], [b]) => (a < b ? -1 : 1))),
      ...(Object.keys(why).length === 0 ? {} : { unread: why }),
    });
  }
  return services.sort((a, b) => (a.service < b.service ? -1 : 1));
}

/** Connections of all callers, each as the proxies nearest to it saw them. */
function connectionBook(accounts: readonly Account[]): { book: Book | null; reporter: Reporter } {
  const totals = new Map<string, Totals>();
  const witnesses = accounts.filter(({ tcp }) => tcp !== null);
  for (const { caller, reporter, tcp } of witnesses) {
    // A connection that was opened long ago and kept shows no number: its series is there all the
    // same.
    const amount = Math.max(Number.MIN_VALUE, sum(tcp?.all) - sum(tcp?.bad));
    totals.set(caller, { ...(totals.get(caller) ?? NO_TOTALS), [reporter]: amount });
  }
  const chosen = chooseCallers(totals);
  const books = witnesses.flatMap(({ caller, reporter, tcp }) =>
    tcp !== null && chosen.get(caller) === reporter ? [tcp] : [],
  );
  return { book: sumBooks(books), reporter: mostly(chosen, totals) };
}

const connectionsOf = ({ all, closed, bad }: Book): ConnectionCounts => ({ opened: all, closed, failed: bad });

/**
 * Where a proxy began anew, or was not scraped, nothing is known of latency: no successes, so
 * nothing slow among them.
 */
function masked(latency: LatencyCounts | null, http: Book | null, valid: Uint8Array): LatencyCounts | null {
  if (latency === null) return null;
  for (let i = 0; i < valid.length; i++) {
    if (valid[i] === 1 && http?.resets[i] !== 1) continue;
    latency.successes[i] = 0;
    for (const slow of latency.slow) slow[i] = 0;
  }
  return latency;
}

function byService(tally: Tally): ReadonlyMap<ServiceId, readonly Account[]> {
  return Map.groupBy(tally.accounts.values(), ({ namespace, name }) => serviceId(namespace, name));
}

const sum = (array: Float64Array | undefined): number => array?.reduce((a, b) => a + b, 0) ?? 0;

/** Whether anybody is read from its own proxies: these are asked for separately. */
export const servedOutside = (readings: Wanted): readonly ServiceId[] =>
  [...readings].flatMap(([id, { reporter, callers }]) =>
    reporter === "destination" || [...callers.values()].includes("destination") ? [id] : [],
  );
