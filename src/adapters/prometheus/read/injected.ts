import { type ServiceId, serviceId } from "../../../core/model/cluster.ts";
import type { Window } from "../../../core/model/units.ts";
import { INJECTED_FLAGS } from "../signals/classify.ts";
import { anyOf, fillQuery } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import type { Account } from "./books.ts";
import { type From, readRaw } from "./counts.ts";
import { Tally } from "./tally.ts";

/**
 * Requests to `services` in `window` that carry one of Envoy's flags of an injected fault, as any proxy reports them: only the callers' proxies inject,
 * whoever is believed about the service. One request for raw samples: a series that the fault gave birth to counts.
 */
export async function readInjected(
  from: From,
  services: readonly ServiceId[],
  { fromMs, toMs }: Window,
): Promise<number> {
  const { signals } = from;
  const grid = { startMs: fromMs, stepMs: toMs - fromMs, steps: 1 };
  const tally = new Tally(grid, signals);
  const reporters = reporterPattern(signals, REPORTERS);
  const names = anyOf(services.map((service) => service.split("/")[1] ?? ""));
  const query = (range: string): string => fillQuery(signals.queries.requestsOf, { reporters, names, range });
  await readRaw(from, tally, grid, query, "addRequests");
  tally.count();
  tally.settle(new Map());
  const flagsOf = ({ http }: Account): number =>
    INJECTED_FLAGS.reduce((sum, flag) => sum + (http?.flags.get(flag) ?? 0), 0);
  const own = [...tally.accounts.values()].filter(({ namespace, name }) =>
    services.includes(serviceId(namespace, name)),
  );
  return own.reduce((sum, account) => sum + flagsOf(account), 0);
}
