import { formatDuration } from "../../core/text/format.ts";
import type { Clock } from "../../ports/clock.ts";

/** Whoever waits hears so often, real ms, that something goes on. */
const EVERY_MS = 5_000;

/** Tells a person that a long reading goes on. */
export interface Patience extends Disposable {
  /** One more answer came. */
  answered(): void;
}

/** Says every few seconds how many answers came so far; nothing when all is done before. */
export function patience(
  clock: Pick<Clock, "monotonicMs">,
  tell: (text: string) => void,
  everyMs = EVERY_MS,
): Patience {
  const startedMs = clock.monotonicMs();
  let answers = 0;
  const timer = setInterval(() => {
    const took = formatDuration(clock.monotonicMs() - startedMs);
    tell(`reading: ${answers} answer${answers === 1 ? "" : "s"} of Prometheus in ${took}\n`);
  }, everyMs);
  timer.unref();
  return {
    answered() {
      answers++;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
