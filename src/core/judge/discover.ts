import { criticalP } from "../stats/benjamini-hochberg.ts";
import { normalUpperQuantileOfLog } from "../stats/normal.ts";
import { Q_OWN_WINDOW, Q_WITH_RECORD } from "./constants.ts";
import type { SignalTest } from "./signal-tests.ts";

/** Tests without a quiet record are held to q .01, those with one to q .05: one BH with a fifth of the weight (judge.md §2.16 steps 5 and 6). */
const weightOf = (test: SignalTest): number => (test.widened === null ? Q_OWN_WINDOW / Q_WITH_RECORD : 1);

export interface Discoveries {
  isFound(test: SignalTest): boolean;
  /** Deviate that a lone change must reach among these tests (p = q/m): what a minimum detectable effect is computed for. */
  criticalZ(test: SignalTest): number;
}

/**
 * Benjamini–Hochberg over the tests of one judgement. Tests that had too few steps to be made count as p = 1: they belong to the family
 * that was looked at, and leaving them out was seen to raise false alarms. Services without any traffic do not.
 */
export function discover(tests: readonly SignalTest[]): Discoveries {
  const made = tests.filter((t) => !t.idle);
  const critical = criticalP(
    made.map((t) => t.p ?? 1),
    Q_WITH_RECORD,
    made.map(weightOf),
  );
  return {
    isFound: (test) => test.p !== null && test.p / weightOf(test) <= critical,
    criticalZ: (test) =>
      normalUpperQuantileOfLog(Math.log((Q_WITH_RECORD * weightOf(test)) / Math.max(made.length, 1))),
  };
}
