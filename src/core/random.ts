import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/**
 * The only source of chance. Made from a seed that goes into the record, so that every draw can be
 * replayed.
 */
export interface Random {
  /** Uniform in [0, 1), with 53 bits. */
  next(): number;
}

/**
 * Mixes 32 bits so that neighbouring numbers share nothing. murmur3's finaliser:
 * https://github.com/aappleby/smhasher
 */
function mixed(bits: number): number {
  let h = bits >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A generator for `seed` (a whole number of 32 bits). The state is spread by a golden-ratio walk
 * first: xoroshiro128+ alone answers alike for seeds 1 and 2 at the start.
 */
export function randomFrom(seed: number): Random {
  const word = (i: number): number => mixed(seed + Math.imul(i, 0x9e3779b9)) | 0;
  const generator = xoroshiro128plusFromState([word(1), word(2), word(3), word(4)]);
  return { next: () => uniformFloat64(generator) };
}

/**
 * A seed of 32 bits from text (FNV-1a over UTF-16 units, then mixed): equal text, equal seed, on
 * every machine.
 */
export function seedOf(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mixed(h);
}

/** A whole number in [0, below). `below` must be at least 1. */
export const nextIndex = (below: number, random: Random): number => Math.floor(random.next() * below);

/** One of `items`, all equally likely; undefined when there is none. */
export function pick<T>(items: readonly T[], random: Random): T | undefined {
  return items[nextIndex(items.length, random)];
}

/**
 * One of `items`, each as likely as its weight; undefined when no weight is above 0. Draws exactly
 * once.
 */
export function pickWeighted<T>(items: readonly T[], weightOf: (item: T) => number, random: Random): T | undefined {
  const weights = items.map((item) => Math.max(0, weightOf(item)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = random.next() * total;
  let last: T | undefined;
  for (const [i, item] of items.entries()) {
    const weight = weights[i] ?? 0;
    if (weight === 0) continue;
    if (left < weight) return item;
    left -= weight;
    last = item;
  }
  return last;
}
