import type { RecentCounts } from "../../../ports/metrics.ts";
import type { Session } from "../client/session.ts";
import { fillQuery } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import type { Signals } from "../signals/signals.ts";
import { assemble, chooseReadings } from "./assemble.ts";
import { readRaw } from "./counts.ts";
import { Tally } from "./tally.ts";

/**
 * Requests and failures of every service in the `windowMs` until `atMs`, from one request for raw samples: a burst of failures that creates its
 * own series counts (increase() would say 0). A service that was not scraped in this time is absent.
 */
export async function readRecent(
  session: Session,
  signals: Signals,
  atMs: number,
  windowMs: number,
): Promise<readonly RecentCounts[]> {
  const grid = { startMs: atMs - windowMs, stepMs: windowMs, steps: 1 };
  const tally = new Tally(grid, signals);
  const reporters = reporterPattern(signals, REPORTERS);
  const query = (range: string): string => fillQuery(signals.queries.requests, { reporters, range });
  await readRaw(session, tally, grid, query, "addRequests");
  tally.settle(new Map());
  const readings = chooseReadings(tally, new Map(), new Map());
  return assemble(tally, grid, readings, null, tally.spacingMs() ?? windowMs)
    .filter(({ valid }) => valid[0] === 1)
    .map(({ service, requests, failures }) => ({ service, requests: requests[0]!, failures: failures[0]! }));
}
