import type { ServiceId } from "../../../core/model/cluster.ts";
import type { Window } from "../../../core/model/units.ts";
import { type From, readRaw } from "../read/counts.ts";
import { Tally } from "../read/tally.ts";
import { anyOf, fillQuery } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";

/**
 * The requests to `services` in `window`, in one step, as every kind of proxy reports them; those
 * to services of the same name in other namespaces come along.
 */
export async function tallyOf(from: From, services: readonly ServiceId[], { fromMs, toMs }: Window): Promise<Tally> {
  const { signals } = from;
  const grid = { startMs: fromMs, stepMs: toMs - fromMs, steps: 1 };
  const tally = new Tally(grid, signals);
  const reporters = reporterPattern(signals, REPORTERS);
  const names = anyOf(services.map((service) => service.split("/")[1] ?? ""));
  const query = (range: string): string => fillQuery(signals.queries.requestsOf, { reporters, names, range });
  await readRaw(from, tally, grid, query, "addRequests");
  tally.count();
  tally.settle(new Map());
  return tally;
}
