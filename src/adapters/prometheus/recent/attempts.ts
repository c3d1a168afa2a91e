import { type ServiceId, serviceId } from "../../../core/model/cluster.ts";
import type { Reporter } from "../../../core/model/series.ts";
import type { Window } from "../../../core/model/units.ts";
import type { Attempts } from "../../../core/observe/attempts.ts";
import type { Account } from "../read/books.ts";
import type { From } from "../read/counts.ts";
import { tallyOf } from "./tally-of.ts";

/**
 * How often each caller that the mesh knows asked `services` in `window`, as its own proxies
 * counted, and how many tries arrived there. A caller that only one side reports is left out. One
 * request for raw samples: a series that failures gave birth to counts.
 */
export async function readAttempts(
  from: From,
  services: readonly ServiceId[],
  window: Window,
): Promise<readonly Attempts[]> {
  const tally = await tallyOf(from, services, window);
  const byEdge = Map.groupBy(tally.accounts.values(), ({ namespace, name, caller }) =>
    [serviceId(namespace, name), caller].join("\0"),
  );
  return [...byEdge].flatMap(([key, accounts]) => {
    const [service = "", caller = ""] = key.split("\0");
    const asked = countedBy(accounts, "source");
    const arrived = countedBy(accounts, "destination");
    if (caller === "" || !services.includes(service) || asked === null || arrived === null) return [];
    return [{ caller, service, asked, arrived }];
  });
}

/** Null when no proxy of that kind reports it. */
function countedBy(accounts: readonly Account[], reporter: Reporter): number | null {
  const books = accounts.flatMap(({ reporter: by, http }) => (by === reporter && http !== null ? [http] : []));
  return books.length === 0 ? null : books.reduce((sum, { all }) => sum + (all[0] ?? 0), 0);
}
