import { failedRequests } from "../../experiment/failed-requests.ts";
import type { ServiceId } from "../../model/cluster.ts";
import type { ExperimentState } from "../../model/experiment.ts";
import { outcomeOf, outcomeOfVerdict } from "../../model/outcome.ts";
import { type SignalVerdict, worstVerdict } from "../../model/verdict.ts";
import type { ServiceLine } from "../../model/weekly-report.ts";

/**
 * What the experiments of a week did to each service that had to do with them, worst first. Shams
 * and cancelled ones are no tests.
 */
export function servicesOf(states: readonly ExperimentState[], nowMs: number): readonly ServiceLine[] {
  const byService = new Map<ServiceId, Test[]>();
  for (const state of states) {
    if (outcomeOf(state) === null) continue;
    const failed = failedRequests(state, nowMs);
    const { verdicts = [], concerned } = state.judgement ?? {};
    const own = Map.groupBy(
      verdicts.filter(({ service, starved }) => !starved && (concerned?.includes(service) ?? true)),
      ({ service }) => service,
    );
    for (const [service, signals] of own) {
      const tests = byService.get(service) ?? [];
      tests.push({ signals, failed: failed.get(service) ?? 0 });
      byService.set(service, tests);
    }
  }
  return [...byService].map(([service, tests]) => lineOf(service, tests)).toSorted(byHarm);
}

/** What one experiment did to a service, and how many of its requests it made fail. */
interface Test {
  readonly signals: readonly SignalVerdict[];
  readonly failed: number;
}

function lineOf(service: ServiceId, tests: readonly Test[]): ServiceLine {
  const outcomes = tests.map(({ signals }) =>
    outcomeOfVerdict(worstVerdict(signals.map(({ verdict }) => verdict.kind))),
  );
  const count = (outcome: (typeof outcomes)[number]): number => outcomes.filter((one) => one === outcome).length;
  const recoveries = tests.filter((_, i) => outcomes[i] === "recovered").map(({ signals }) => slowestMs(signals));
  return {
    service,
    tested: tests.length,
    unaffected: count("unaffected"),
    recovered: count("recovered"),
    notRecovered: count("not recovered"),
    unknown: count("unknown"),
    recoveriesMs: recoveries.toSorted((a, b) => a - b),
    failed: Math.round(tests.reduce((sum, { failed }) => sum + failed, 0)),
  };
}

const slowestMs = (signals: readonly SignalVerdict[]): number =>
  Math.max(...signals.map(({ verdict }) => ("recoveredAfterMs" in verdict ? verdict.recoveredAfterMs.point : 0)));

const byHarm = (a: ServiceLine, b: ServiceLine): number =>
  b.notRecovered - a.notRecovered ||
  b.recovered - a.recovered ||
  b.failed - a.failed ||
  (a.service < b.service ? -1 : 1);
