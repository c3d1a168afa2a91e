import type { ServiceId } from "../../model/cluster.ts";
import type { MinimumEffect } from "../../model/policy.ts";
import { HOUR_MS } from "../../model/units.ts";
import { criticalP } from "../../stats/benjamini-hochberg.ts";
import { normalQuantile, normalUpperQuantileOfLog } from "../../stats/normal.ts";
import { FEWEST_SLOW, Q_OWN_WINDOW, Q_WITH_RECORD } from "../input/constants.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import type { Windows } from "../input/windows.ts";
import { meterOf } from "../window/meter.ts";
import { rateBaseline } from "../window/rate-deviate.ts";
import { shareBaseline } from "../window/share-deviate.ts";
import type { SignalTest } from "./signal-tests.ts";

/**
 * Tests without a quiet record are held to q .01, those with one to q .05: one BH with a fifth of
 * the weight (judge.md §2.16 steps 5 and 6).
 */
const recordWeight = (test: SignalTest): number => (test.widened === null ? Q_OWN_WINDOW / Q_WITH_RECORD : 1);

/**
 * The family of the target (its callers and callees) weighs this much more than everybody else:
 * judge.md §2.8.
 */
const FAMILY_WEIGHT = 5;

/**
 * A bystander without a record is held to this part of its level. Its steps before do not know how
 * bad it gets by itself, and there are many of it: of 51 false alarms in 1,440 quiet experiments
 * without history (bench:truth --own-window, development seed 2) 47 were bystanders'. What it did
 * is told as unclear then, not as steady (judge.md §2.8).
 */
const BYSTANDER_WITHOUT_RECORD = 0.001;

/** Weights that average 1 over the tests, before those without a record are held back. */
function weigh(tests: readonly SignalTest[], family: ReadonlySet<ServiceId>): (test: SignalTest) => number {
  const near = tests.filter((t) => family.has(t.track.service)).length;
  const total = FAMILY_WEIGHT * near + (tests.length - near);
  const far = total === 0 ? 1 : tests.length / total;
  const isBystander = ({ track }: SignalTest): boolean => family.size > 0 && !family.has(track.service);
  return (test) => {
    if (!isBystander(test)) return recordWeight(test) * far * (family.size > 0 ? FAMILY_WEIGHT : 1);
    return recordWeight(test) * far * (test.widened === null ? BYSTANDER_WITHOUT_RECORD : 1);
  };
}

export interface Discoveries {
  isFound(test: SignalTest): boolean;
  /**
   * Deviate that a lone change must reach among these tests (p = q/m): what a minimum detectable
   * effect is computed for.
   */
  criticalZ(test: SignalTest): number;
  /** p that a lone change must reach. */
  criticalP(test: SignalTest): number;
  /** Normal quantile of the intervals that the minimum effect is held to. */
  readonly selectiveZ: number;
}

/**
 * Benjamini–Hochberg over the tests of one judgement. Tests that had too few steps to be made count
 * as p = 1: they belong to the family that was looked at, and leaving them out was seen to raise
 * false alarms. Services without any traffic do not. What history rejects must also exceed the
 * minimum effect, by the lower bound of an interval that allows for the selection (§2.8).
 */
export function discover(
  tests: readonly SignalTest[],
  windows: Windows,
  stepMs: number,
  effectFor: (service: ServiceId) => MinimumEffect,
  family: ReadonlySet<ServiceId>,
): Discoveries {
  const made = tests.filter((t) => !t.idle);
  const weightOf = weigh(made, family);
  const critical = criticalP(
    made.map((t) => t.p ?? 1),
    Q_WITH_RECORD,
    made.map(weightOf),
  );
  const rejected = made.filter((t) => t.p !== null && t.p / weightOf(t) <= critical);
  const z = normalQuantile(1 - (Q_WITH_RECORD * Math.max(rejected.length, 1)) / (2 * Math.max(made.length, 1)));
  const found = new Set(
    rejected.filter((t) => t.known === null || matters(t, z, windows, stepMs, effectFor(t.track.service))),
  );
  const lone = (test: SignalTest): number => (Q_WITH_RECORD * weightOf(test)) / Math.max(made.length, 1);
  return {
    isFound: (test) => found.has(test),
    criticalP: lone,
    selectiveZ: z,
    criticalZ: (test) => normalUpperQuantileOfLog(Math.log(lone(test))),
  };
}

/** Share of the hour's requests that a burst of failures must reach: judge.md §2.8. */
const BURST_SHARE = 0.0005;

/**
 * At least the minimum effect in the strongest stretch, and enough requests that were hurt
 * (judge.md §2.8).
 */
function matters(test: SignalTest, z: number, windows: Windows, stepMs: number, effect: MinimumEffect): boolean {
  const { track, row, block, known } = test;
  const meter = meterOf(track, row, windows.before, effect, known);
  const bounds = meter.at(block, z);
  if (bounds === null || known === null || track.form === "quantile") return bounds !== null;
  if (!(bounds.low > meter.minimum)) return false;
  if (track.form === "rate") {
    const baseline = rateBaseline(track.n, windows.before, 0, known.nu);
    const missing = baseline.perStep * knownSteps(track.n, block) - sumKnown(track.n, block);
    return missing >= effect.missingRequests;
  }
  const series = track.rows[row]!;
  const baseline = shareBaseline(series, windows.before, known.longRuns[row]!);
  const excess = sumKnown(series.k, block) - sumKnown(series.n, block) * baseline.share;
  if (track.signal === "latency") return excess >= FEWEST_SLOW;
  const hourly = (baseline.n / Math.max(baseline.steps, 1)) * (HOUR_MS / stepMs);
  return excess >= Math.max(effect.excessFailures, BURST_SHARE * hourly);
}
