import type { SignalVerdict } from "../../model/verdict.ts";
import { type SignalTest, trackOf } from "../engine/engine.ts";
import type { Question } from "../input/question.ts";
import type { Surroundings } from "./confounding.ts";
import type { Discoveries } from "./discover.ts";
import { signalVerdict } from "./signal-verdict.ts";

/** One verdict for each signal of each service that was tested. */
export function signalVerdicts(
  tests: readonly SignalTest[],
  discoveries: Discoveries,
  around: Surroundings,
  { input }: Pick<Question, "input">,
): SignalVerdict[] {
  const keyOf = ({ service, signal }: Pick<SignalVerdict, "service" | "signal">): string => `${service} ${signal}`;
  const foundBefore = new Set(input.foundBefore?.map(keyOf));
  const groups = Map.groupBy(tests, (test) => keyOf(trackOf(test)));
  return [...groups].map(([key, group]) =>
    signalVerdict(group, { input, discoveries, around, foundBefore: foundBefore.has(key) }),
  );
}
