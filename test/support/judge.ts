import { finalLook } from "../../src/core/judge/design/final-look.ts";
import { judge } from "../../src/core/judge/judge.ts";
import type { JudgeRunner } from "../../src/ports/judge.ts";

/** Judges in the thread that asks. */
export const judgeHere: JudgeRunner = {
  judge: async (input) => judge(input),
  finalLook: async (look) => finalLook(look),
};
