import { type ServiceId, serviceId } from "../../../core/model/cluster.ts";
import type { ConnectionCounts, Grid, LatencyCounts, Reporter, ServiceCounts } from "../../../core/model/series.ts";
import type { Readings } from "../../../ports/metrics.ts";
import { chooseReporter, REPORTERS } from "../signals/reporter.ts";
import { canRead, chooseBounds, chooseForm, type Distribution } from "./distribution.ts";
import type { FormedReading, LatencyBook, Wanted } from "./latency.ts";
import type { Account, Book, Tally } from "./tally.ts";
import { validSteps } from "./validity.ts";

/** Accounts by service and reporter. */
type Accounts = ReadonlyMap<ServiceId, Partial<Record<Reporter, Account>>>;

/** Reporter and bounds of every service: as they were kept, else chosen; and in which form its latency is there. */
export function chooseReadings(tally: Tally, distribution: Distribution, kept: Readings): Wanted {
  const accounts = byService(tally);
  const readings = new Map<ServiceId, FormedReading>();
  for (const id of new Set([...accounts.keys(), ...distribution.keys()])) {
    const known = kept.get(id);
    const seen = distribution.get(id);
    const reporter = known?.reporter ?? chooseReporter(totalsOf(accounts.get(id), seen));
    const reported = seen?.get(reporter);
    // A service that had no successful request yet has no bounds to keep; those of buckets that are gone cannot be kept.
    const isKept = known !== undefined && known.boundsMs.length > 0 && canRead(reported, known.boundsMs);
    const boundsMs = isKept ? known.boundsMs : chooseBounds(reported);
    readings.set(id, { reporter, boundsMs, form: chooseForm(reported) });
  }
  return readings;
}

/** Requests by reporter: clients and waypoints as counted over the grid, the service's own proxies relative to them as last seen. */
function totalsOf(
  accounts: Partial<Record<Reporter, Account>> | undefined,
  seen: ReadonlyMap<Reporter, { readonly requests: number }> | undefined,
): Record<Reporter, number> {
  const total = (reporter: Reporter): number => sum(accounts?.[reporter]?.http?.all);
  const share = (reporter: Reporter): number => seen?.get(reporter)?.requests ?? 0;
  if (accounts === undefined) {
    return { source: share("source"), waypoint: share("waypoint"), destination: share("destination") };
  }
  const [source, waypoint] = [total("source"), total("waypoint")];
  if (seen === undefined) return { source, waypoint, destination: total("destination") };
  const nearSeen = Math.max(share("source"), share("waypoint"));
  const nearTotal = Math.max(source, waypoint);
  const destination = nearSeen > 0 ? (share("destination") / nearSeen) * nearTotal : share("destination");
  return { source, waypoint, destination };
}

/** What was counted, one entry a service that has any series, by name. */
export function assemble(
  tally: Tally,
  grid: Grid,
  readings: Wanted,
  latency: LatencyBook | null,
  spacingMs: number,
): readonly ServiceCounts[] {
  const services: ServiceCounts[] = [];
  for (const [service, accounts] of byService(tally)) {
    const reporter = readings.get(service)?.reporter ?? "source";
    const http = accounts[reporter]?.http ?? null;
    // Connections are seen by the client's side, or else by the server's.
    const witness = REPORTERS.find((one) => accounts[one]?.tcp) ?? null;
    const tcp = witness && (accounts[witness]?.tcp ?? null);
    const book = http ?? tcp;
    if (book === null) continue;
    const valid = validSteps(book, grid, tally.newestMs, spacingMs);
    services.push({
      service,
      reporter: http === null && witness !== null ? witness : reporter,
      requests: http?.all ?? new Float64Array(grid.steps),
      failures: http?.bad ?? new Float64Array(grid.steps),
      latency: masked(latency?.of(service) ?? null, http, valid),
      connections: tcp && connectionsOf(tcp),
      valid,
      flags: Object.fromEntries([...book.flags].sort(([a], [b]) => (a < b ? -1 : 1))),
    });
  }
  return services.sort((a, b) => (a.service < b.service ? -1 : 1));
}

const connectionsOf = ({ all, closed, bad }: Book): ConnectionCounts => ({ opened: all, closed, failed: bad });

/** Where a proxy began anew, or was not scraped, nothing is known of latency: no successes, so nothing slow among them. */
function masked(latency: LatencyCounts | null, http: Book | null, valid: Uint8Array): LatencyCounts | null {
  if (latency === null) return null;
  for (let i = 0; i < valid.length; i++) {
    if (valid[i] === 1 && http?.resets[i] !== 1) continue;
    latency.successes[i] = 0;
    for (const slow of latency.slow) slow[i] = 0;
  }
  return latency;
}

function byService(tally: Tally): Accounts {
  const services = new Map<ServiceId, Partial<Record<Reporter, Account>>>();
  for (const account of tally.accounts.values()) {
    const id = serviceId(account.namespace, account.name);
    const accounts = services.get(id) ?? {};
    accounts[account.reporter] = account;
    services.set(id, accounts);
  }
  return services;
}

const sum = (array: Float64Array | undefined): number => array?.reduce((a, b) => a + b, 0) ?? 0;
