import { isDegraded, type Signal } from "../../src/core/model/verdict.ts";
import { judgeSet } from "../detect/judge-set.ts";
import type { DataSet } from "../detect/read-set.ts";
import { LEVELS, type Rate, rateOf } from "./summary.ts";

/** False alarms at quiet moments of a recorded system. */
export interface RealRow {
  readonly set: string;
  readonly knowledge: "own-window" | "record";
  readonly alarm_per_window: Rate;
  /**
   * By signal and level: share of services whose p lay at or under it. A p has the minimum effect
   * inside, so that it is small too seldom.
   */
  readonly p_at: Readonly<Record<string, Readonly<Record<string, Rate>>>>;
}

/**
 * Judges the placebos of a set, or its controls where it has none. Histories of neighbouring
 * windows overlap: intervals are a little too narrow.
 */
export function measureReal(set: DataSet): RealRow[] {
  const quiet = set.placebos.length > 0 ? "placebo" : "control";
  const found = [false, true].map(() => ({ windows: 0, alarms: 0, ps: new Map<Signal, number[]>() }));
  judgeSet(
    set,
    {},
    () => 0,
    (job, judgement, withRecord) => {
      if (job.kind !== quiet) return;
      const into = found[withRecord ? 1 : 0]!;
      into.windows++;
      if (judgement.verdicts.some((v) => isDegraded(v.verdict.kind))) into.alarms++;
      for (const { signal, p } of judgement.verdicts) {
        if (p === null) continue;
        const list = into.ps.get(signal) ?? [];
        into.ps.set(signal, list);
        list.push(p);
      }
    },
  );
  return found.flatMap(({ windows, alarms, ps }, i): RealRow[] => {
    if (windows === 0) return [];
    const p_at = Object.fromEntries(
      [...ps].map(([signal, list]) => [
        signal,
        Object.fromEntries(
          LEVELS.map((level) => [String(level), rateOf(list.filter((p) => p <= level).length, list.length)]),
        ),
      ]),
    );
    return [
      { set: set.name, knowledge: i === 0 ? "own-window" : "record", alarm_per_window: rateOf(alarms, windows), p_at },
    ];
  });
}
