import { type ServiceId, serviceId } from "../../../core/model/cluster.ts";
import type { Reporter } from "../../../core/model/series.ts";
import type { Window } from "../../../core/model/units.ts";
import type { ResetCount } from "../../../ports/metrics.ts";
import type { From } from "../read/counts.ts";
import { tallyOf } from "./tally-of.ts";

/**
 * How many failed requests to `services` in `window` carry one of the signals file's flags of a
 * connection that broke, by who reports them. One request for raw samples: a series that the break
 * gave birth to counts.
 */
export async function readResets(
  from: From,
  services: readonly ServiceId[],
  window: Window,
): Promise<readonly ResetCount[]> {
  const tally = await tallyOf(from, services, window);
  const counts = new Map<string, { service: ServiceId; reporter: Reporter; count: number }>();
  for (const { namespace, name, reporter, http } of tally.accounts.values()) {
    const service = serviceId(namespace, name);
    if (!services.includes(service) || http === null) continue;
    const key = `${service} ${reporter}`;
    const known = counts.get(key) ?? { service, reporter, count: 0 };
    counts.set(key, known);
    for (const flag of from.signals.resets.flags) known.count += http.flags.get(flag) ?? 0;
  }
  return [...counts.values()];
}
