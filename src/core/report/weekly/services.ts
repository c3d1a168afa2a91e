import type { ServiceId } from "../../model/cluster.ts";
import type { ExperimentState } from "../../model/experiment.ts";
import { outcomeOf, outcomeOfVerdict } from "../../model/outcome.ts";
import { type SignalVerdict, worstVerdict } from "../../model/verdict.ts";
import type { ServiceLine } from "../../model/weekly-report.ts";

/**
 * What the experiments of a week did to each service that had to do with them, worst first. Shams
 * and cancelled ones are no tests.
 */
export function servicesOf(states: readonly ExperimentState[]): readonly ServiceLine[] {
  const byService = new Map<ServiceId, SignalVerdict[][]>();
  for (const state of states) {
    if (outcomeOf(state) === null) continue;
    const { verdicts = [], concerned } = state.judgement ?? {};
    const own = Map.groupBy(
      verdicts.filter(({ service, starved }) => !starved && (concerned?.includes(service) ?? true)),
      ({ service }) => service,
    );
    for (const [service, signals] of own) {
      const tests = byService.get(service) ?? [];
      tests.push(signals);
      byService.set(service, tests);
    }
  }
  return [...byService].map(([service, tests]) => lineOf(service, tests)).toSorted(byHarm);
}

function lineOf(service: ServiceId, tests: readonly (readonly SignalVerdict[])[]): ServiceLine {
  const outcomes = tests.map((signals) => outcomeOfVerdict(worstVerdict(signals.map(({ verdict }) => verdict.kind))));
  const count = (outcome: (typeof outcomes)[number]): number => outcomes.filter((one) => one === outcome).length;
  const recoveries = tests.filter((_, i) => outcomes[i] === "recovered").map(slowestMs);
  return {
    service,
    tested: tests.length,
    unaffected: count("unaffected"),
    recovered: count("recovered"),
    notRecovered: count("not recovered"),
    unknown: count("unknown"),
    recoveriesMs: recoveries.toSorted((a, b) => a - b),
    failed: Math.round(tests.flat().reduce((sum, one) => sum + failedOf(one), 0)),
  };
}

const slowestMs = (signals: readonly SignalVerdict[]): number =>
  Math.max(...signals.map(({ verdict }) => ("recoveredAfterMs" in verdict ? verdict.recoveredAfterMs.point : 0)));

const failedOf = ({ signal, effect }: SignalVerdict): number =>
  signal === "failures" ? Math.max(0, effect?.excess ?? 0) : 0;

const byHarm = (a: ServiceLine, b: ServiceLine): number =>
  b.notRecovered - a.notRecovered ||
  b.recovered - a.recovered ||
  b.failed - a.failed ||
  (a.service < b.service ? -1 : 1);
