import { wilson } from "../../src/core/stats/wilson.ts";
import type { Knowledge } from "./experiment.ts";
import { COURSES, SIGNALS, SIZES } from "./inject.ts";
import type { Outcome, QuietResult } from "./measure.ts";

export const LEVELS = [0.05, 0.01, 0.001] as const;

export interface Rate {
  readonly rate: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

export const rateOf = (k: number, n: number): Rate => ({
  rate: n === 0 ? Number.NaN : k / n,
  ...wilson(k, n, 1.959964),
  n,
});

/** False-alarm rate of one component's p in one world, and how it spreads over services. */
export interface ComponentRow {
  readonly world: string;
  readonly component: string;
  readonly at: Readonly<Record<string, Rate>>;
  /** 95 % quantile over services of the rate at 1 %. */
  readonly service_p95_at_1: number;
  /** Shares of p below 0.1, 0.2 and 0.5: near those numbers when p is uniform. */
  readonly uniform: readonly [number, number, number];
}

export function componentRows(quiet: QuietResult): ComponentRow[] {
  return [...quiet.ps].map(([component, list]) => {
    const below = (x: number) => list.filter((r) => r.p <= x).length;
    const perService = [...Map.groupBy(list, (r) => r.service).values()]
      .map((of) => of.filter((r) => r.p <= 0.01).length / of.length)
      .sort((a, b) => a - b);
    return {
      world: quiet.world,
      component,
      at: Object.fromEntries(LEVELS.map((level) => [String(level), rateOf(below(level), list.length)])),
      service_p95_at_1: perService[Math.floor(perService.length * 0.95)] ?? 0,
      uniform: [below(0.1) / list.length, below(0.2) / list.length, below(0.5) / list.length],
    };
  });
}

/** Rates of the whole decision, in worlds where nothing was injected. */
export interface DecisionRow {
  readonly world: string;
  readonly knowledge: Knowledge;
  readonly alarm_per_experiment: Rate;
  /** Decision per service and signal. */
  readonly decision: Readonly<Record<string, Rate>>;
}

export function decisionRows(quiet: QuietResult): DecisionRow[] {
  return [...quiet.decisions].map(([knowledge, d]) => ({
    world: quiet.world,
    knowledge,
    alarm_per_experiment: rateOf(d.alarms, d.experiments),
    decision: Object.fromEntries([...d.made].map(([signal, n]) => [signal, rateOf(d.found.get(signal) ?? 0, n)])),
  }));
}

const count = (outcomes: readonly Outcome[], verdict: string): number =>
  outcomes.filter((o) => o.verdict === verdict).length;
const worse = (o: Outcome): boolean => o.verdict !== "steady" && o.verdict !== "inconclusive";

/** Recall by effect, confusion of courses, and recovery, for one kind of knowledge. */
export function effectSummary(outcomes: readonly Outcome[], knowledge: Knowledge) {
  const mine = outcomes.filter((o) => o.knowledge === knowledge);
  const seen = mine.filter((o) => o.detectable);
  const of = (course: string) => seen.filter((o) => o.course === course);
  const persistent = of("persistent");
  const transient = of("transient");
  const recovered = mine.filter((o) => o.recovery !== null && o.course !== "persistent");
  const covered = recovered.filter(
    (o) => o.recovery!.low <= o.recovery!.truth && o.recovery!.truth <= o.recovery!.high,
  );
  const errors = recovered.map((o) => Math.abs(o.recovery!.point - o.recovery!.truth)).sort((a, b) => a - b);
  return {
    knowledge,
    persistent_called_steady: rateOf(count(persistent, "steady"), persistent.length),
    transient_called_persistent: rateOf(count(transient, "persistent"), transient.length),
    recovery_interval_coverage: rateOf(covered.length, recovered.length),
    recovery_error_minutes: {
      median: errors[errors.length >> 1] ?? null,
      p90: errors[Math.floor(errors.length * 0.9)] ?? null,
    },
    recall: SIGNALS.flatMap((signal) =>
      SIZES[signal].map((size) => {
        const some = mine.filter((o) => o.signal === signal && o.size === size);
        const promised = some.filter((o) => o.detectable);
        return {
          signal,
          size,
          all: rateOf(some.filter(worse).length, some.length),
          detectable: rateOf(promised.filter(worse).length, promised.length),
        };
      }),
    ),
    confusion: COURSES.map((course) => {
      const row = mine.filter((o) => o.course === course);
      return {
        course,
        told: Object.fromEntries([...Map.groupBy(row, (o) => o.verdict)].map(([v, l]) => [v, l.length])),
      };
    }),
  };
}
