import type { ServiceId } from "../../model/cluster.ts";
import { criticalP } from "../../stats/benjamini-hochberg.ts";
import { normalQuantile } from "../../stats/normal.ts";
import { type Critical, type SignalTest, serviceOf } from "../engine/engine.ts";
import { Q_OWN_WINDOW, Q_WITH_RECORD } from "../input/constants.ts";
import type { Question } from "../input/question.ts";

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
  const near = tests.filter((t) => family.has(serviceOf(t))).length;
  const total = FAMILY_WEIGHT * near + (tests.length - near);
  const far = total === 0 ? 1 : tests.length / total;
  const isBystander = (test: SignalTest): boolean => family.size > 0 && !family.has(serviceOf(test));
  return (test) => {
    if (!isBystander(test)) return recordWeight(test) * far * (family.size > 0 ? FAMILY_WEIGHT : 1);
    return recordWeight(test) * far * (test.widened === null ? BYSTANDER_WITHOUT_RECORD : 1);
  };
}

export interface Discoveries {
  isFound(test: SignalTest): boolean;
  /**
   * What a lone change must reach among these tests (p = q/m): what a minimum detectable effect is
   * computed for.
   */
  criticalOf(test: SignalTest): Critical;
}

/**
 * Benjamini–Hochberg over the tests of one judgement. Tests that had too few steps to be made count
 * as p = 1: they belong to the family that was looked at, and leaving them out was seen to raise
 * false alarms. Services without any traffic do not. What is rejected must also exceed the minimum
 * effect, by the lower bound of an interval that allows for the selection (§2.8).
 */
export function discover(tests: readonly SignalTest[], { family }: Pick<Question, "family">): Discoveries {
  const made = tests.filter((t) => !t.idle);
  const weightOf = weigh(made, family);
  const critical = criticalP(
    made.map((t) => t.p ?? 1),
    Q_WITH_RECORD,
    made.map(weightOf),
  );
  const rejected = made.filter((t) => t.p !== null && t.p / weightOf(t) <= critical);
  const selectiveZ = normalQuantile(
    1 - (Q_WITH_RECORD * Math.max(rejected.length, 1)) / (2 * Math.max(made.length, 1)),
  );
  const found = new Set(rejected.filter((t) => t.engine.matters(t, selectiveZ)));
  return {
    isFound: (test) => found.has(test),
    criticalOf: (test) => ({ p: (Q_WITH_RECORD * weightOf(test)) / Math.max(made.length, 1), selectiveZ }),
  };
}
