import { MINUTE_MS } from "../../../core/model/units.ts";
import type { MetricsLimit } from "../../../ports/metrics.ts";
import { fillQuery } from "../signals/promql.ts";
import { REPORTERS, reporterPattern } from "../signals/reporter.ts";
import { EVERYTHING, type From, readDistribution, readRaw } from "./counts.ts";
import type { Distribution } from "./distribution.ts";
import { leaveOut } from "./leave-out.ts";
import { listed, summedNote } from "./notes.ts";
import { Tally } from "./tally.ts";
import { codesOf, whereLabelsGo, whyNothing } from "./unread.ts";

/** `doctor` names each service. */
const EACH = Number.POSITIVE_INFINITY;
const SPAN_MS = 5 * MINUTE_MS;

/**
 * What limits the telemetry of the last minutes: duplicates, sums over pods, labels that are
 * missing. Two requests.
 */
export async function inspect(from: From, nowMs: number): Promise<readonly MetricsLimit[]> {
  const { signals, matchers } = from;
  const grid = { startMs: nowMs - SPAN_MS, stepMs: SPAN_MS, steps: 1 };
  const tally = new Tally(grid, signals);
  const distribution: Distribution = new Map();
  const reporters = reporterPattern(signals, REPORTERS);
  const query = (range: string): string => fillQuery(signals.queries.requests, { reporters, range });
  await Promise.all([
    readRaw(from, tally, grid, query, "addRequests"),
    readDistribution(from, distribution, reporters, { atMs: nowMs, spanMs: SPAN_MS }, EVERYTHING),
  ]);
  tally.count();
  const { copies, raw } = tally;
  const several = whyNothing(tally, matchers, signals);
  const partly = leaveOut(copies) === null;
  return [
    ...(several === null ? [] : [{ ok: false, says: several }]),
    ...copies.says.map((says) => ({
      ok: !partly,
      says: partly ? `${says} Latency is not judged: scrape each proxy by one job.` : says,
    })),
    ...[...copies.unclear].map(([service, why]) => ({ ok: false, says: `${service}: ${why}` })),
    ...(copies.summed.length === 0 ? [] : [{ ok: false, says: summedNote(copies.summed, EACH) }]),
    ...missingLabels(tally),
    ...missingOnBuckets(distribution, codesOf(signals)),
    ...(raw.nameless === 0
      ? []
      : [
          {
            ok: false,
            says: `${raw.nameless} request counters do not name their service or reporter, and are left out`,
          },
        ]),
  ];
}

function missingLabels(tally: Tally): readonly MetricsLimit[] {
  const services = new Map<string, Set<string>>();
  for (const { namespace, name, http } of tally.accounts.values()) {
    if (http === null || http.lacks.size === 0) continue;
    const labels = [...http.lacks].sort().join(", ");
    services.set(labels, (services.get(labels) ?? new Set()).add(`${namespace}/${name}`));
  }
  return [...services].map(([labels, of]) => ({
    ok: false,
    says: `failures cannot be judged, because request counters lack ${labels} (${listed([...of])}): ${whereLabelsGo(labels.split(", "))}`,
  }));
}

function missingOnBuckets(distribution: Distribution, codes: readonly string[]): readonly MetricsLimit[] {
  const services = [...distribution].flatMap(([service, of]) =>
    [...of.values()].some(({ unlabelled }) => unlabelled > 0) ? [service] : [],
  );
  if (services.length === 0) return [];
  const says = `latency cannot be judged, because its buckets do not say which requests failed (${listed(services)}): ${whereLabelsGo(codes)}`;
  return [{ ok: false, says }];
}
