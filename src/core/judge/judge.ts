import type { Judgement } from "../model/verdict.ts";
import { enginesOf } from "./engines.ts";
import { buildNulls } from "./history/null-book.ts";
import { type NullsOf, nullsFor } from "./history/nulls-for.ts";
import type { JudgeInput } from "./input/input.ts";
import { questionOf } from "./input/question.ts";
import { conclude } from "./verdict/conclude.ts";
import { surroundings } from "./verdict/confounding.ts";
import { discover } from "./verdict/discover.ts";
import { signalVerdicts } from "./verdict/signal-verdicts.ts";

export { looksRecovered, type RecoveryLook } from "./course/looks-recovered.ts";
export { buildNulls, nullBook, type Pages } from "./history/null-book.ts";
export type { Call, JudgeInput } from "./input/input.ts";
export type { Nulls } from "./input/nulls.ts";
export type { QuantileSeries } from "./input/quantile-series.ts";
export type { Shape } from "./input/shape.ts";

/**
 * What every service did around t0: a verdict per service and signal, where it began, and the
 * headline over those concerned. Pure. Follows judge.md §2.16 (short windows, widened by placebos
 * of the quiet record), §2.9 (onset and recovery) and §2.17 (origin).
 * @param nullsOf makes the nulls when `input` brings none: a `nullBook` keeps them for the next
 * time
 * @throws RangeError when the history has another step than the observation
 */
export function judge(input: JudgeInput, nullsOf: NullsOf = buildNulls): Judgement {
  const question = questionOf(input);
  const engines = enginesOf(question, nullsFor(question, nullsOf));
  const tests = engines.flatMap((engine) => engine.test());
  const discoveries = discover(tests, question);
  const around = surroundings(tests, question);
  const verdicts = signalVerdicts(tests, discoveries, around, question);
  return conclude(question, tests, verdicts);
}
