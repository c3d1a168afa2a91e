import type { VerdictKind } from "../model/verdict.ts";

/**
 * Measured figures, as docs/how-verdicts-are-made.md has them; docs/error-rates.md says how to
 * measure them again.
 */
export const MEASURED = [
  { what: "False alarm in an experiment over 60 services, with a week of history", rate: "0.5 % (0.2 to 1.0 %)" },
  { what: "The same without any history, marked learning, in an ordinary world", rate: "0.6 % (0.4 to 0.8 %)" },
  { what: "Persistent damage called steady", rate: "0.3 to 0.5 %" },
  { what: "Damage that went called persistent", rate: "0 of 682" },
  { what: "Intervals of the time to recover that hold the true time", rate: "99.9 %" },
] as const;

const [ALARM, ALARM_LEARNING, CALLED_STEADY] = MEASURED;

/** How often such a verdict is wrong, in one sentence. */
export function howOftenWrong(kind: VerdictKind, learning: boolean): string {
  switch (kind) {
    case "steady":
      return `Of damage that lasts, ${CALLED_STEADY.rate} is called steady.`;
    case "inconclusive":
      return "It claims nothing: not to know is no success.";
    default:
      return learning
        ? `Without a day of history ${ALARM_LEARNING.rate} of experiments raise a false alarm, and more after a change of the traffic.`
        : `${ALARM.rate} of experiments in which nothing happens raise a false alarm.`;
  }
}
