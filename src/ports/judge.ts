import type { FinalAnswer, FinalLook } from "../core/judge/design/final-look.ts";
import type { JudgeInput } from "../core/judge/judge.ts";
import type { Judgement } from "../core/model/verdict.ts";

/** Judges where it keeps nobody waiting: a week of hundreds of services takes seconds. */
export interface JudgeRunner {
  /**
   * What `judge` of the core answers. Rejects with what it throws, or with the signal's reason when
   * that aborts first.
   */
  judge(input: JudgeInput, signal: AbortSignal): Promise<Judgement>;
  /** What `finalLook` of the core answers; rejects as `judge` does. */
  finalLook(look: FinalLook, signal: AbortSignal): Promise<FinalAnswer>;
}
