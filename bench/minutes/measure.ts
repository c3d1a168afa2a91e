import type { MinuteScores } from "../../src/core/model/minutes.ts";
import type { ServiceCounts } from "../../src/core/model/series.ts";
import { rerandomisedSum } from "../../src/core/stats/rerandomised-sum.ts";
import { type Random, randomOf } from "../lib/random.ts";
import { type InjectedSignal, inject, SIGNALS } from "../truth/inject.ts";
import { type Rate, rateOf } from "../truth/summary.ts";
import { generateWorld, type World, type WorldKind, windowOf } from "../truth/world.ts";
import { BLOCKS, blockAt, blockScores, DAYS, drawFrom, openMinutes } from "./blocks.ts";

export const LEVELS = [0.05, 0.01, 0.001] as const;
/** Experiments after the one that found it. */
export const RUNS = [1, 2, 3, 5] as const;
const MOST_RUNS = 5;
/** Choices of the minutes a service and signal; the blocks' scores are the same for all. */
const CHOICES = 100;
/** `limits.confirmations`: somebody may look after each of so many repeats. */
const LOOKED_AT = 3;

export interface NullRow {
  readonly world: WorldKind;
  readonly minutes: number;
  readonly runs: string;
  readonly at: Readonly<Record<string, Rate>>;
}

const shareP = (runs: readonly MinuteScores[]): number => rerandomisedSum(runs).atLeast;

/**
 * How often p ≤ level when nothing was injected, its unit a service and signal with so many
 * experiments.
 */
export function measureNulls(kind: WorldKind, services: number, seed: number, minutes: number): NullRow[] {
  const world = generateWorld(kind, services, DAYS, seed);
  const random = randomOf(seed + 40_000);
  const ps = new Map<string, number[]>([
    ...RUNS.map((runs): [string, number[]] => [`${runs}`, []]),
    ["best of 1–3", []],
  ]);
  for (const service of world.services) {
    const open = Array.from({ length: MOST_RUNS }, (_, r) => openMinutes([service], r, minutes));
    for (const signal of SIGNALS) {
      const blocks = open.map((_, r) => blockScores(service, signal, r, minutes));
      for (let choice = 0; choice < CHOICES; choice++) {
        const kept = blocks.map((scores, r) => (scores === null ? null : drawFrom(scores, open[r]!, random)));
        if (kept.includes(null)) continue;
        const of = (runs: number) => shareP((kept as MinuteScores[]).slice(0, runs));
        for (const runs of RUNS) ps.get(`${runs}`)!.push(of(runs));
        ps.get("best of 1–3")!.push(Math.min(...Array.from({ length: LOOKED_AT }, (_, i) => of(i + 1))));
      }
    }
  }
  return [...ps].map(([runs, all]) => ({
    world: kind,
    minutes,
    runs,
    at: Object.fromEntries(LEVELS.map((level) => [level, rateOf(all.filter((p) => p <= level).length, all.length)])),
  }));
}

/** What is injected to measure how often several experiments find it. */
export const EFFECTS: readonly { readonly signal: InjectedSignal; readonly size: number; readonly steps: number }[] = [
  { signal: "failures", size: 0.02, steps: 1 },
  { signal: "failures", size: 0.05, steps: 3 },
  { signal: "failures", size: 0.3, steps: 300 },
  { signal: "latency", size: 3, steps: 3 },
  { signal: "latency", size: 10, steps: 10 },
  { signal: "rate", size: 0.5, steps: 3 },
  { signal: "rate", size: 0.5, steps: 10 },
];

export interface PowerRow {
  readonly effect: string;
  readonly minutes: number;
  /** By number of experiments: p ≤ 1 %. */
  readonly found: Readonly<Record<string, Rate>>;
}

/** How often an effect that every experiment has is seen at 1 %, in the ordinary world. */
export function measurePower(services: number, seed: number, minutes: number): PowerRow[] {
  const world = generateWorld("ordinary", services, DAYS, seed);
  const random = randomOf(seed + 50_000);
  return EFFECTS.map((effect) => {
    const tried = world.services.flatMap((service) => hurtRuns(world, service, effect, minutes, random) ?? []);
    const found = (runs: number) => tried.filter((kept) => shareP(kept.slice(0, runs)) <= 0.01).length;
    return {
      effect: `${effect.signal} ${effect.size}, ${effect.steps} min`,
      minutes,
      found: Object.fromEntries(RUNS.map((runs) => [runs, rateOf(found(runs), tried.length)])),
    };
  });
}

/** What five experiments that all hurt keep of their minutes. */
function hurtRuns(
  { days }: World,
  service: ServiceCounts,
  { signal, size, steps }: (typeof EFFECTS)[number],
  minutes: number,
  random: Random,
): [readonly MinuteScores[]] | null {
  const last = days * 24 * 60;
  let whole = windowOf([service], 0, last);
  const drawn = Array.from({ length: MOST_RUNS }, (_, r) => openMinutes([service], r, minutes)).map(
    (open) => open[random.int(Math.max(open.length, 1))] ?? -1,
  );
  for (const [r, minute] of drawn.entries()) {
    const from = blockAt(r) + minute;
    const injection = { service: service.service, signal, size, course: "transient", from, to: from + steps } as const;
    if (minute >= 0) whole = inject(whole, { ...injection, to: Math.min(injection.to, last) }, random);
  }
  const kept = drawn.map((minute, r) => {
    const scores = blockScores(whole.services[0]!, signal, r, minutes);
    return scores === null ? null : drawFrom(scores, [minute], random);
  });
  return kept.includes(null) ? null : [kept as MinuteScores[]];
}

/**
 * Shams of a world: the worst of a few services at each minute, and which minutes the gates
 * leave.
 */
export function* shamsOf(kind: WorldKind, services: number, seed: number, minutes: number) {
  const world = generateWorld(kind, services, DAYS, seed);
  for (let first = 0; first + CONCERNED <= services; first += CONCERNED) {
    const concerned = world.services.slice(first, first + CONCERNED);
    for (let r = 0; r < BLOCKS; r++) {
      const all = concerned.flatMap((service) =>
        SIGNALS.flatMap((signal) => blockScores(service, signal, r, minutes) ?? []),
      );
      const scores = Float64Array.from({ length: minutes }, (_, i) =>
        Math.max(...all.map((one) => one[i]!).filter((v) => !Number.isNaN(v))),
      );
      yield { scores, open: openMinutes(concerned, r, minutes) };
    }
  }
}

/** Target, callers and callees of a sham. */
const CONCERNED = 4;
