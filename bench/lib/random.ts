/**
 * Seeded randomness for generated worlds: xoshiro128** (Blackman & Vigna 2018),
 * https://prng.di.unimi.it.
 */
export interface Random {
  /** Uniform in (0, 1). */
  next(): number;
  normal(): number;
  poisson(mean: number): number;
  binomial(n: number, p: number): number;
  int(below: number): number;
}

const rotl = (x: number, k: number): number => (x << k) | (x >>> (32 - k));

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const splitMix = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let [a, b, c, d] = [splitMix(), splitMix(), splitMix(), splitMix()];
  const next = (): number => {
    const result = Math.imul(rotl(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotl(d, 11);
    return (result + 0.5) / 4294967296;
  };
  let spare: number | null = null;
  const normal = (): number => {
    if (spare !== null) {
      const out = spare;
      spare = null;
      return out;
    }
    const r = Math.sqrt(-2 * Math.log(next()));
    const angle = 2 * Math.PI * next();
    spare = r * Math.sin(angle);
    return r * Math.cos(angle);
  };
  const poisson = (mean: number): number => (mean < 12 ? smallPoisson(mean, next) : largePoisson(mean, next));
  const binomial = (n: number, p: number): number => {
    if (n <= 0 || p <= 0) return 0;
    if (p >= 1) return n;
    if (p > 0.5) return n - binomial(n, 1 - p);
    return n * p < 12 ? smallBinomial(n, p, next) : largeBinomial(n, p, next);
  };
  return { next, normal, poisson, binomial, int: (below) => Math.floor(next() * below) };
}

/** Knuth's product of uniforms. */
function smallPoisson(mean: number, next: () => number): number {
  const limit = Math.exp(-mean);
  let k = 0;
  for (let product = next(); product > limit; product *= next()) k++;
  return k;
}

const LOG_FACTORIAL = new Float64Array(1024);
for (let i = 2; i < 1024; i++) LOG_FACTORIAL[i] = LOG_FACTORIAL[i - 1]! + Math.log(i);
const logFactorial = (k: number): number =>
  k < 1024
    ? LOG_FACTORIAL[k]!
    : (k + 0.5) * Math.log(k) - k + 0.9189385332046727 + 1 / (12 * k) - 1 / (360 * k * k * k);

/** Transformed rejection PTRS: Hörmann (1993), https://doi.org/10.1016/0167-6687(93)90997-4. */
function largePoisson(mean: number, next: () => number): number {
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverse = 1.1239 + 1.1328 / (b - 3.4);
  const quick = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = next() - 0.5;
    const v = next();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= quick) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (Math.log((v * inverse) / (a / (us * us) + b)) <= -mean + k * Math.log(mean) - logFactorial(k)) return k;
  }
}

/** Skips from success to success by geometric steps. */
function smallBinomial(n: number, p: number, next: () => number): number {
  const logQ = Math.log1p(-p);
  let k = -1;
  let at = 0;
  do {
    at += Math.ceil(Math.log(next()) / logQ);
    k++;
  } while (at <= n);
  return k;
}

/** Transformed rejection BTRS: Hörmann (1993), https://doi.org/10.1080/00949659308811496. */
function largeBinomial(n: number, p: number, next: () => number): number {
  const q = 1 - p;
  const spread = Math.sqrt(n * p * q);
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const c = n * p + 0.5;
  const quick = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * spread;
  const logOdds = Math.log(p / q);
  const mode = Math.floor((n + 1) * p);
  const h = logFactorial(mode) + logFactorial(n - mode);
  for (;;) {
    const u = next() - 0.5;
    const v = next();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + c);
    if (k < 0 || k > n) continue;
    if (us >= 0.07 && v <= quick) return k;
    const bound = Math.log((v * alpha) / (a / (us * us) + b));
    if (bound <= h - logFactorial(k) - logFactorial(n - k) + (k - mode) * logOdds) return k;
  }
}
