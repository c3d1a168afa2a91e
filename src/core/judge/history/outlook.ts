import type { ServiceId } from "../../model/cluster.ts";
import type { Observation, ServiceCounts } from "../../model/series.ts";
import type { Records } from "../input/records.ts";
import { shapeOf } from "../input/shape.ts";
import type { Windows } from "../input/windows.ts";
import { busyBystanders, commonChange } from "./common-change.ts";
import { expectedAfter, type RateOutlook } from "./known-test.ts";
import type { Expected } from "./rate-scores.ts";

/**
 * What is expected of every service's request rate, given what those outside `family` did together
 * (judge.md §2.7). Looked up when asked: most judgements without history never do.
 * @param family empty when no experiment stands behind the judgement: then all are looked at
 */
export function outlooksOf(
  { services, grid }: Observation,
  records: Pick<Records, "requests">,
  windows: Windows,
  family: ReadonlySet<ServiceId>,
): (service: ServiceId) => RateOutlook {
  const byService = new Map(services.map((s) => [s.service, s]));
  const known = new Map<ServiceId, Expected>();
  const now = (s: ServiceCounts) => ({ n: s.requests, valid: s.valid });
  const expected = (s: ServiceCounts): Expected => {
    const told = known.get(s.service) ?? expectedAfter(now(s), records.requests(s.service), windows, grid);
    known.set(s.service, told);
    return told;
  };
  let common: ArrayLike<number> | null | undefined;
  const together = (): ArrayLike<number> | null => {
    const outside = services.filter((s) => !family.has(s.service));
    const bystanders = outside.map((s) => ({ ...now(s), t0: windows.before.to, expected: expected(s) }));
    const busy = busyBystanders(bystanders, grid.stepMs);
    return busy === null ? null : commonChange(busy, shapeOf(windows));
  };
  return (service) => {
    if (common === undefined) common = together();
    return { expected: expected(byService.get(service)!), common };
  };
}
