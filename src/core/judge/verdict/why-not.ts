import type { Verdict } from "../../model/verdict.ts";
import { FEWEST_STEPS } from "../input/constants.ts";
import { knownSteps, sumKnown } from "../input/masked.ts";
import { knownBy, type Track } from "../input/track.ts";
import { type Span, spanLength, type Windows } from "../input/windows.ts";

type Inconclusive = Extract<Verdict, { kind: "inconclusive" }>;

const inconclusive = (why: Inconclusive["why"], detail: string): Inconclusive => ({
  kind: "inconclusive",
  why,
  detail,
});
const noun = (track: Track): string => (track.signal === "connections" ? "connection" : "request");

/** Why one track cannot be judged at all, or null when it can. */
export function whyNotJudged(track: Track, windows: Windows): Inconclusive | null {
  const known = knownBy(track);
  const known0 = knownSteps(known, windows.before);
  const known1 = knownSteps(known, windows.after);
  const early = knownSteps(known, windows.early);
  if (known0 === 0 && known1 === 0 && track.form !== "quantile") {
    return inconclusive(
      "no-data",
      "No step was scraped completely, before or after; check that Prometheus reaches the mesh's proxies.",
    );
  }
  if (known0 < FEWEST_STEPS || early < FEWEST_STEPS) return tooFewSteps(known0, early, windows);
  if (track.form === "quantile") return null;
  return noTraffic(track, windows);
}

/**
 * What came right after the injection must have been seen: a burst that nobody measured is no calm.
 */
function tooFewSteps(known0: number, early: number, windows: Windows): Inconclusive {
  const count = (known: number, span: Span) => `${known} of ${spanLength(span)}`;
  return inconclusive(
    "insufficient",
    `Only ${count(known0, windows.before)} steps before and ${count(early, windows.early)} right after were measured; ` +
      `at least ${FEWEST_STEPS} of each are needed. A longer window, or an uninterrupted scrape, would help.`,
  );
}

function noTraffic(track: Exclude<Track, { form: "quantile" }>, windows: Windows): Inconclusive | null {
  const n = track.form === "rate" ? track.n : track.rows[0]!.n;
  const [n0, n1] = [sumKnown(n, windows.before), sumKnown(n, windows.after)];
  const it = noun(track);
  if (n0 <= 0 && n1 <= 0) {
    return inconclusive("no-traffic", `Not one ${it} was seen before or after; send some traffic and try again.`);
  }
  if (n0 <= 0) {
    return inconclusive(
      "insufficient",
      `The first ${it} came after the injection, so there is nothing to compare with; a longer time before would help.`,
    );
  }
  if (track.form === "share" && n1 <= 0) {
    return inconclusive("no-traffic", `${Math.round(n0)} ${it}s before, none after: see the request rate.`);
  }
  if (track.form === "share" && stepsWith(n, windows.before) < FEWEST_STEPS) {
    return inconclusive(
      "insufficient",
      `Only ${stepsWith(n, windows.before)} steps before had any ${it}; at least ${FEWEST_STEPS} are needed. A longer time before, or more traffic, would help.`,
    );
  }
  return null;
}

function stepsWith(n: Float64Array, span: Span): number {
  let steps = 0;
  for (let i = span.from; i < span.to; i++) if (n[i]! > 0) steps++;
  return steps;
}

/** Steps in which most of what an injection does begins, and much of it is over. */
const FIRST_STEPS = 2;

/**
 * Why nothing found is no calm, or null: the first steps were not measured, and a burst that fits
 * into them would have passed unseen.
 */
export function whyBeginningUnseen(track: Track, { early }: Windows): Inconclusive | null {
  const first = { from: early.from, to: Math.min(early.to, early.from + FIRST_STEPS) };
  const missing = spanLength(first) - knownSteps(knownBy(track), first);
  if (missing === 0) return null;
  return inconclusive(
    "insufficient",
    `Nothing was found, but ${missing} of the first ${spanLength(first)} steps after the injection could not be measured; run it again.`,
  );
}

/**
 * A signal that changed by more than the minimum effect, but that the tests could not tell from
 * chance.
 */
export const notToldFromChance = (learning: boolean): Inconclusive =>
  inconclusive(
    "unclear",
    learning
      ? "It got worse, but not so clearly that chance is ruled out with so few steps before; a day of history would help."
      : "It got worse, but it was seen to do so by itself, too; run it again.",
  );

/** A signal in which nothing was found, but in which too much could have hidden. */
export function tooLittleToTell(
  track: Track,
  detectable: number | null,
  windows: Windows,
  learning: boolean,
): Inconclusive {
  const n = track.form === "share" ? track.rows[0]!.n : track.form === "rate" ? track.n : null;
  const counted =
    n === null
      ? ""
      : ` with ${Math.round(sumKnown(n, windows.before))} ${noun(track)}s before and ${Math.round(sumKnown(n, windows.after))} after`;
  const seen =
    detectable === null
      ? "no change at all would have been found"
      : `only ${inWords(track, detectable, learning)} would have been found`;
  return inconclusive(
    "insufficient",
    `Nothing was found, but${counted} ${seen}; more traffic or a longer window would help.`,
  );
}

function inWords(track: Track, detectable: number, learning: boolean): string {
  const percent = (x: number) => `${Math.round(x * 1000) / 10}`;
  if (track.form === "rate") return `a ${learning ? "lasting " : ""}fall of ${percent(detectable)} % or more`;
  if (track.form === "quantile") return `a rise by ${percent(detectable)} % or more`;
  if (track.signal === "latency") return `a rise of slow answers by ${percent(detectable)} points or more`;
  return `a rise of ${percent(detectable)} points or more`;
}
