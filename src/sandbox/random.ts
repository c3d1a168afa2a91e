import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

export type { RandomGenerator };

/** Four words from a key, by the mixing of cyrb128 (public domain, bryc). */
function hashWords(key: string): [number, number, number, number] {
  const words: [number, number, number, number] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i);
    const [a, b, c, d] = words;
    words[0] = b ^ Math.imul(a ^ code, 597399067);
    words[1] = c ^ Math.imul(b ^ code, 2869860233);
    words[2] = d ^ Math.imul(c ^ code, 951274213);
    words[3] = a ^ Math.imul(d ^ code, 2716044179);
  }
  const [a, b, c, d] = words;
  return [
    Math.imul(c ^ (a >>> 18), 597399067) | 1,
    Math.imul(d ^ (b >>> 22), 2869860233),
    Math.imul(a ^ (c >>> 17), 951274213),
    Math.imul(b ^ (d >>> 19), 2716044179),
  ];
}

/**
 * A generator of its own for each key: what is drawn for one thing never depends on what else was
 * drawn.
 */
export function randomFor(seed: number, ...key: readonly (string | number)[]): RandomGenerator {
  const random = xoroshiro128plusFromState(hashWords(`${seed}/${key.join("/")}`));
  for (let i = 0; i < 4; i++) random.next();
  return random;
}

/** Uniform in [0, 1) with 32 bits: enough for counts, and five times faster than 53. */
export const uniform = (random: RandomGenerator): number => (random.next() >>> 0) / 4_294_967_296;

/** Uniform integer in [from, to). */
export const integer = (random: RandomGenerator, from: number, to: number): number =>
  from + Math.floor(uniform(random) * (to - from));

/** Standard normal by Box and Muller (1958). */
export function normal(random: RandomGenerator): number {
  const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
  return radius * Math.cos(2 * Math.PI * uniform(random));
}

/**
 * Below this mean counts are drawn exactly by inversion, above as a rounded normal deviate with the
 * right mean and variance.
 */
const EXACT_BELOW = 14;

/** Successes among `n` with chance `p` each. */
export function binomial(random: RandomGenerator, n: number, p: number): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - binomial(random, n, 1 - p);
  const mean = n * p;
  if (mean >= EXACT_BELOW) {
    const count = Math.round(mean + Math.sqrt(mean * (1 - p)) * normal(random));
    return Math.min(n, Math.max(0, count));
  }
  const odds = p / (1 - p);
  let chance = Math.exp(n * Math.log1p(-p));
  let left = uniform(random);
  let count = 0;
  while (left > chance && count < n) {
    left -= chance;
    count++;
    chance *= ((n + 1) / count - 1) * odds;
  }
  return count;
}

/**
 * A count with this mean and `dispersion` = variance ÷ mean (1: Poisson, rounded normal when large
 * or regular).
 */
export function countWith(random: RandomGenerator, mean: number, dispersion: number): number {
  if (mean <= 0) return 0;
  if (mean >= EXACT_BELOW || dispersion < 1) {
    return Math.max(0, Math.round(mean + Math.sqrt(mean * dispersion) * normal(random)));
  }
  let chance = Math.exp(-mean);
  let left = uniform(random);
  let count = 0;
  while (left > chance && count < 1_000) {
    left -= chance;
    count++;
    chance *= mean / count;
  }
  return count;
}

/**
 * Gamma with mean 1 and this shape; Marsaglia & Tsang (2000), https://doi.org/10.1145/358407.358414
 */
export function gammaMeanOne(random: RandomGenerator, shape: number): number {
  if (shape < 1) {
    return (gammaMeanOne(random, shape + 1) * (shape + 1) * (1 - uniform(random)) ** (1 / shape)) / shape;
  }
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - uniform(random)) < 0.5 * x * x + d - d * v + d * Math.log(v)) return (d * v) / shape;
  }
}

const HEX = "0123456789abcdef";

/** `length` hexadecimal digits. */
export const hexDigits = (random: RandomGenerator, length: number): string =>
  Array.from({ length }, () => HEX[integer(random, 0, 16)]).join("");

/** Letters and digits that Kubernetes uses in generated names (k8s.io/apimachinery util/rand). */
const NAME_CHARS = "bcdfghjklmnpqrstvwxz2456789";
export const nameSuffix = (random: RandomGenerator, length: number): string =>
  Array.from({ length }, () => NAME_CHARS[integer(random, 0, NAME_CHARS.length)]).join("");

export const uuid = (random: RandomGenerator): string => {
  const hex = hexDigits(random, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
};
