import type { ServiceId } from "../../model/cluster.ts";
import { MINUTE_MS } from "../../model/units.ts";
import type { Signal } from "../../model/verdict.ts";
import { binomialQuantile } from "../../stats/binomial-quantile.ts";
import { type SignalTest, serviceOf, trackOf } from "../engine/engine.ts";
import { BYSTANDER_PER_MINUTE, FEWEST_BYSTANDERS } from "../history/common-change.ts";
import { sumKnown } from "../input/masked.ts";
import type { Question } from "../input/question.ts";

/**
 * A bystander looks disturbed below this p, and this quantile of their number is believed to be
 * chance.
 */
const DISTURBED_P = 0.01;
const CHANCE = 0.999;
/** Share of bystanders that may look as bad as a service that is called degraded. */
const MOST_AS_BAD = 0.05;

/** Where bystanders are few, at least so many are disturbed, and so many are named. */
const FEWEST_OF_FEW = 2;
const NAMED = 3;

/** What the services that have nothing to do with the experiment did meanwhile, by signal. */
export interface Surroundings {
  /**
   * Why a test of this signal with deviate `z` cannot be put down to the experiment, or null when
   * it can.
   */
  whyConfounded(service: ServiceId, signal: Signal, z: number): string | null;
}

function perMinute({ engine }: SignalTest): number {
  const { track, windows, grid } = engine.comparison;
  const n = track.form === "share" ? track.rows[0]!.n : track.form === "rate" ? track.n : null;
  if (n === null) return 0;
  return (
    (sumKnown(n, windows.before) / Math.max(windows.before.to - windows.before.from, 1)) * (MINUTE_MS / grid.stepMs)
  );
}

/**
 * Looks at the services outside `family` (target, callers, callees): when more of them than chance
 * allows were disturbed at the same time, or as many look as bad, something else happened (judge.md
 * §2.7). Fewer than 20 busy ones must be two at least, most of them disturbed.
 * When no experiment stands behind the judgement, there are no bystanders.
 */
export function surroundings(tests: readonly SignalTest[], { family }: Pick<Question, "family">): Surroundings {
  let bySignal: ReadonlyMap<Signal, Bystanders> | null = null;
  return {
    whyConfounded(service, signal, z) {
      bySignal ??= bystandersBySignal(tests, family);
      const all = bySignal.get(signal);
      if (all === undefined) return null;
      const mine = all.byService.get(service) ?? [];
      const others = all.z.length - mine.length;
      if (all.z.length < FEWEST_BYSTANDERS) return whyMostOf(all.byService, service);
      const disturbed = all.disturbed - mine.filter(isDisturbed).length;
      if (disturbed > binomialQuantile(CHANCE, others, DISTURBED_P)) {
        return `${disturbed} of ${others} services that have nothing to do with it were disturbed too`;
      }
      const asBad = atLeast(all.z, z) - mine.filter((t) => t.z! >= z).length;
      if ((1 + asBad) / (1 + others) > MOST_AS_BAD) {
        return `${asBad} of ${others} services that have nothing to do with it changed as much`;
      }
      return null;
    },
  };
}

/**
 * Among a few bystanders most must be disturbed, early or late, and two of them: two at once are
 * chance in one of some thousand experiments.
 */
function whyMostOf(bystanders: Bystanders["byService"], service: ServiceId): string | null {
  const others = [...bystanders].filter(([name]) => name !== service);
  const disturbed = others.filter(([, tests]) => tests.some(isDisturbed)).map(([name]) => name);
  if (disturbed.length < FEWEST_OF_FEW || 2 * disturbed.length <= others.length) return null;
  const [named, left] = [disturbed.slice(0, NAMED), disturbed.length - NAMED];
  const names = left > 0 ? `${named.join(", ")} and ${left} more` : named.join(", ");
  return `so did ${disturbed.length} of ${others.length} services that have nothing to do with it (${names})`;
}

/** Counted when the first service asks: mostly none does. */
function bystandersBySignal(tests: readonly SignalTest[], family: ReadonlySet<ServiceId>): Map<Signal, Bystanders> {
  const bystanders = tests.filter(
    (t) => family.size > 0 && t.p !== null && !family.has(serviceOf(t)) && perMinute(t) > BYSTANDER_PER_MINUTE,
  );
  return new Map(
    [...Map.groupBy(bystanders, (t) => trackOf(t).signal)].map(([signal, of]) => [signal, bystandersOf(of)]),
  );
}

/** What the bystanders of one signal did, counted once: thousands of services may ask. */
interface Bystanders {
  /** Ascending. */
  readonly z: Float64Array;
  readonly disturbed: number;
  readonly byService: ReadonlyMap<ServiceId, readonly SignalTest[]>;
}

const isDisturbed = (t: SignalTest): boolean => t.p! < DISTURBED_P;

function bystandersOf(all: readonly SignalTest[]): Bystanders {
  const early = all.filter((t) => t.part !== "late");
  const tests = early.length < FEWEST_BYSTANDERS ? all : early;
  return {
    z: Float64Array.from(early, (t) => t.z!).sort(),
    disturbed: early.filter(isDisturbed).length,
    byService: Map.groupBy(tests, serviceOf),
  };
}

/** How many of the ascending `values` are at least `z`. */
function atLeast(values: Float64Array, z: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < z) low = middle + 1;
    else high = middle;
  }
  return values.length - low;
}
