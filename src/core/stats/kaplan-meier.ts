import { Z_TWO_SIDED } from "./normal.ts";

/** How long one run took; `ended` false: it was still going when it was last seen. */
export interface Duration {
  readonly ms: number;
  readonly ended: boolean;
}

export interface SurvivalStep {
  readonly ms: number;
  /** Share of runs that take longer. */
  readonly survival: number;
  /** Greenwood's variance of it. */
  readonly variance: number;
}

/**
 * Product-limit estimate: Kaplan & Meier (1958), https://doi.org/10.1080/01621459.1958.10501452;
 * one step a distinct time with an end.
 */
export function kaplanMeier(durations: readonly Duration[]): SurvivalStep[] {
  const sorted = [...durations].sort((a, b) => a.ms - b.ms);
  const steps: SurvivalStep[] = [];
  let survival = 1;
  let greenwood = 0;
  for (let i = 0; i < sorted.length; ) {
    const ms = sorted[i]!.ms;
    const atRisk = sorted.length - i;
    let ends = 0;
    while (i < sorted.length && sorted[i]!.ms === ms) if (sorted[i++]!.ended) ends++;
    if (ends === 0) continue;
    survival *= 1 - ends / atRisk;
    greenwood += atRisk > ends ? ends / (atRisk * (atRisk - ends)) : 0;
    steps.push({ ms, survival, variance: survival * survival * greenwood });
  }
  return steps;
}

/**
 * Median time with a 95 % interval (Brookmeyer & Crowley 1982, on the log-log scale); null where
 * the runs do not reach it: never an average over those that happened to end.
 */
export function medianDuration(durations: readonly Duration[]): {
  ms: number | null;
  lowMs: number | null;
  highMs: number | null;
} {
  const steps = kaplanMeier(durations);
  const at = (curve: (s: SurvivalStep) => number) => crossing(steps.map((s) => ({ ms: s.ms, y: curve(s) })));
  return {
    ms: at((s) => s.survival),
    lowMs: at((s) => bounds(s).low),
    highMs: at((s) => bounds(s).high),
  };
}

/** R takes curves that differ by less for equal: .Machine$double.eps^0.5. */
const TOLERANCE = 1.490116119384766e-8;

/**
 * Where a curve comes down to a half, as R survfit has it: where it lies flat there, the middle
 * of that segment if a later event ends it, else its start. Null: nowhere.
 */
function crossing(curve: readonly { readonly ms: number; readonly y: number }[]): number | null {
  const down = curve.filter(({ y }) => y < 0.5 + TOLERANCE);
  const [first] = down;
  if (first === undefined) return null;
  const next = down.find(({ y }) => y < first.y);
  return Math.abs(first.y - 0.5) < TOLERANCE && next !== undefined ? (first.ms + next.ms) / 2 : first.ms;
}

function bounds({ survival, variance }: SurvivalStep): { low: number; high: number } {
  if (survival >= 1) return { low: 1, high: 1 };
  // With nobody left the variance has no value: the upper bound stays where it was, which is what
  // R's survfit says.
  if (survival <= 0) return { low: 0, high: 1 };
  const spread = (Z_TWO_SIDED * Math.sqrt(variance)) / (survival * Math.log(survival));
  return { low: survival ** Math.exp(-spread), high: survival ** Math.exp(spread) };
}
