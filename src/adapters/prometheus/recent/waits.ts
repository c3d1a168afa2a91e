import type { ServiceId } from "../../../core/model/cluster.ts";
import type { Window } from "../../../core/model/units.ts";
import type { Waited } from "../../../core/model/verdict.ts";
import { EVERYTHING, type From, readDistribution } from "../read/counts.ts";
import { type Distribution, slowestMs } from "../read/distribution.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";

/**
 * How long the slowest hundredth of the successful requests to `services` took at least, as the
 * callers' proxies saw it; those that no caller's proxy reports are left out. One request.
 */
export async function readWaits(
  from: From,
  services: readonly ServiceId[],
  { fromMs, toMs }: Window,
): Promise<readonly Waited[]> {
  const seen: Distribution = new Map();
  const moment = { atMs: toMs, spanMs: toMs - fromMs };
  await readDistribution(from, seen, reporterPattern(from.signals, REPORTERS), moment, EVERYTHING);
  return services.flatMap((service) => {
    const reported = seen.get(service)?.get("source");
    return reported === undefined ? [] : [{ service, atLeastMs: slowestMs(reported) }];
  });
}
