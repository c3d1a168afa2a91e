import { finalLook } from "../../../core/judge/design/final-look.ts";
import { judge } from "../../../core/judge/judge.ts";
import type { JudgeRunner } from "../../../ports/judge.ts";

/**
 * Judges on the event loop that asks: for commands, which judge when no fault is active any more. A
 * thread would be 20 MiB for one verdict.
 */
export const judgeHere: JudgeRunner = {
  judge: async (input, signal) => {
    signal.throwIfAborted();
    return judge(input);
  },
  finalLook: async (look, signal) => {
    signal.throwIfAborted();
    return finalLook(look);
  },
};
