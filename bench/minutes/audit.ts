import { NEW_EXPERIMENT } from "../../src/core/experiment/life.ts";
import type { ExperimentState } from "../../src/core/model/experiment.ts";
import { minuteAudit } from "../../src/core/report/weekly/minute-audit.ts";
import { randomOf } from "../lib/random.ts";
import { type Rate, rateOf } from "../truth/summary.ts";
import type { WorldKind } from "../truth/world.ts";
import { drawFrom } from "./blocks.ts";
import { LEVELS, shamsOf } from "./measure.ts";

/** Three months in which every sham was drawn anew from the same minutes. */
const HISTORIES = 100;
/** Shams of three months, one a day. */
const SHAMS = 90;
/**
 * With this share of the shams somebody's job runs: they fall on one of the worst 5 % of the
 * minutes.
 */
const JOB_SHARES = [0, 0.1, 0.25, 0.5] as const;
const WORST = 0.05;

export interface AuditRow {
  readonly world: WorldKind;
  readonly jobShare: number;
  /** Histories of 90 shams whose combined p is at most that. */
  readonly at: Readonly<Record<string, Rate>>;
  /** Histories in which the warning stood at some sham, looked at after each. */
  readonly warned: Rate;
  /** Median number of shams until it did; null when it did in fewer than half. */
  readonly medianShams: number | null;
}

/**
 * What the audit makes of shams of a world in which nothing happens, and of a job that runs at
 * our minutes.
 */
export function measureAudit(kind: WorldKind, services: number, seed: number, minutes: number): AuditRow[] {
  const shams = [...shamsOf(kind, services, seed, minutes)];
  const random = randomOf(seed + 60_000);
  return JOB_SHARES.map((jobShare) => {
    const ps: number[] = [];
    const firsts: number[] = [];
    for (let h = 0; h < HISTORIES; h++) {
      const states: ExperimentState[] = [];
      let warnedAt = Number.POSITIVE_INFINITY;
      while (states.length < SHAMS) {
        const { scores, open } = shams[random.int(shams.length)]!;
        const bad = open.toSorted((a, b) => scores[b]! - scores[a]!).slice(0, Math.ceil(WORST * open.length));
        const kept = drawFrom(scores, random.next() < jobShare ? bad : open, random);
        if (kept === null) continue;
        states.push({ ...NEW_EXPERIMENT, t0Ms: states.length, minutes: [kept] });
        if (
          warnedAt === Number.POSITIVE_INFINITY &&
          states.length % 5 === 0 &&
          minuteAudit(states).unevenSinceMs !== null
        )
          warnedAt = states.length;
      }
      ps.push(minuteAudit(states).p ?? 1);
      firsts.push(warnedAt);
    }
    const middle = firsts.toSorted((a, b) => a - b)[HISTORIES / 2]!;
    return {
      world: kind,
      jobShare,
      at: Object.fromEntries(LEVELS.map((level) => [level, rateOf(ps.filter((p) => p <= level).length, ps.length)])),
      warned: rateOf(firsts.filter(Number.isFinite).length, HISTORIES),
      medianShams: Number.isFinite(middle) ? middle : null,
    };
  });
}
