import { type ServiceId, serviceId } from "../../../core/model/cluster.ts";
import { AftershockError } from "../../../core/model/error.ts";
import type { Window } from "../../../core/model/units.ts";
import type { RecentCounts } from "../../../ports/metrics.ts";
import { assemble, chooseReadings } from "../read/assemble.ts";
import type { Account } from "../read/books.ts";
import { type From, readRaw } from "../read/counts.ts";
import { Tally } from "../read/tally.ts";
import { codesOf, unreadOf, whyNothing } from "../read/unread.ts";
import { INJECTED_FLAGS } from "../signals/classify.ts";
import { fillQuery } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import { tallyOf } from "./tally-of.ts";

/**
 * Requests and failures of every service in the `windowMs` until `atMs`, from one request for raw
 * samples: a burst of failures that creates its own series counts (increase() would say 0). A
 * service that was not scraped in this time is absent.
 */
export async function readRecent(from: From, atMs: number, windowMs: number): Promise<readonly RecentCounts[]> {
  const { signals } = from;
  const grid = { startMs: atMs - windowMs, stepMs: windowMs, steps: 1 };
  const tally = new Tally(grid, signals);
  const reporters = reporterPattern(signals, REPORTERS);
  const query = (range: string): string => fillQuery(signals.queries.requests, { reporters, range });
  await readRaw(from, tally, grid, query, "addRequests");
  tally.count();
  const why = whyNothing(tally, from.matchers, signals);
  if (why !== null)
    throw new AftershockError("source-refused", why, { hint: "aftershock doctor names what else is there" });
  tally.settle(new Map());
  const readings = chooseReadings(tally, new Map(), new Map());
  const facts = { everything: null, copies: tally.copies, readings, distribution: new Map(), codes: codesOf(signals) };
  const unread = (service: string, of: readonly Account[]) =>
    unreadOf(service, of, { ...facts, cannotLeaveOut: false });
  return assemble(tally, grid, readings, { spacingMs: tally.spacingMs() ?? windowMs, unread })
    .filter(({ valid }) => valid[0] === 1)
    .map(({ service, requests, failures, unread: why }) => ({
      service,
      requests: requests[0]!,
      failures: failures[0]!,
      ...(why?.failures === undefined ? {} : { unread: why.failures }),
    }));
}

/**
 * Requests to `services` in `window` that carry one of Envoy's flags of an injected fault, as any
 * proxy reports them: only the callers' proxies inject, whoever is believed about the service. One
 * request for raw samples: a series that the fault gave birth to counts.
 */
export async function readInjected(from: From, services: readonly ServiceId[], window: Window): Promise<number> {
  const tally = await tallyOf(from, services, window);
  const flagsOf = ({ http }: Account): number =>
    INJECTED_FLAGS.reduce((sum, flag) => sum + (http?.flags.get(flag) ?? 0), 0);
  const own = [...tally.accounts.values()].filter(({ namespace, name }) =>
    services.includes(serviceId(namespace, name)),
  );
  return own.reduce((sum, account) => sum + flagsOf(account), 0);
}
