import type { Counts, Observation, ServiceCounts } from "../../src/core/model/series.ts";
import { MINUTE_MS } from "../../src/core/model/units.ts";
import { type Random, randomOf } from "../lib/random.ts";

/** Envoy's default bucket bounds, ms. */
const BOUNDS = [0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000];
const DAY = 1440;
/** The noise grows twelve hours before the day that is tested, as in judge.md §2.5 item 4. */
const SHIFT_STEPS = 1.5 * DAY;

/** Kinds of quiet: each leaves something out of the assumptions that a test could lean on. */
export const WORLDS = ["ordinary", "regime-shift", "shocks", "sparse", "zero-failure"] as const;
export type WorldKind = (typeof WORLDS)[number];

export interface World {
  readonly kind: WorldKind;
  readonly days: number;
  readonly services: readonly ServiceCounts[];
}

const between = (random: Random, low: number, high: number): number => low + (high - low) * random.next();
const logBetween = (random: Random, low: number, high: number): number =>
  Math.exp(between(random, Math.log(low), Math.log(high)));

/** Stationary AR(1) with unit variance. */
function ar1(phi: number, steps: number, random: Random): Float64Array {
  const out = new Float64Array(steps);
  const innovation = Math.sqrt(1 - phi * phi);
  out[0] = random.normal();
  for (let i = 1; i < steps; i++) out[i] = phi * out[i - 1]! + innovation * random.normal();
  return out;
}

/**
 * Upper tail of the standard normal, |error| < 1.5e-7: Abramowitz & Stegun 7.1.26; quick enough for
 * a world.
 */
function upperTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const half = 0.5 * poly * Math.exp(-x * x);
  return z >= 0 ? half : 1 - half;
}

/** ln of the rate's two diurnal harmonics and its weekend. */
function season(steps: number, random: Random): Float64Array {
  const [a1, p1] = [between(random, 0.1, 0.7), 0.5 * random.normal()];
  const [a2, p2] = [between(random, 0, 0.15), between(random, 0, 2 * Math.PI)];
  const weekend = Math.log(1 - between(random, 0, 0.4));
  return Float64Array.from({ length: steps }, (_, i) => {
    const angle = (2 * Math.PI * i) / DAY;
    return a1 * Math.sin(angle + p1) + a2 * Math.sin(2 * angle + p2) + (Math.floor(i / DAY) % 7 >= 5 ? weekend : 0);
  });
}

interface Shock {
  readonly at: number;
}

const SHOCK_STEPS = 3;

function generateService(
  name: string,
  kind: WorldKind,
  days: number,
  shocks: readonly Shock[],
  random: Random,
): ServiceCounts {
  const steps = days * DAY;
  const perMinute = 60 * (kind === "sparse" ? logBetween(random, 0.005, 0.3) : logBetween(random, 0.05, 200));
  const seasonal = season(steps, random);
  const [rateNoise, ratePhi] = [between(random, 0.03, 0.25), between(random, 0.5, 0.98)];
  const rateAr = ar1(ratePhi, steps, random);
  const failBase = kind === "zero-failure" ? 0 : logBetween(random, 1e-5, 1e-2);
  const [failNoise, failPhi] = [between(random, 0.2, kind === "regime-shift" ? 0.6 : 1), between(random, 0.3, 0.95)];
  const failAr = ar1(failPhi, steps, random);
  const burst = bursts(steps, days, random);
  const hit = shocks.map(() => random.next() < 0.8);
  const latency = latencyModel(steps, seasonal, random);
  const zeros = () => new Float64Array(steps);
  const [requests, failures, successes] = [zeros(), zeros(), zeros()];
  const slow = latency.boundsMs.map(zeros);
  for (let i = 0; i < steps; i++) {
    const noisier = kind === "regime-shift" && i >= steps - SHIFT_STEPS ? 2.5 : 1;
    let n = random.poisson(perMinute * Math.exp(seasonal[i]! + rateNoise * noisier * rateAr[i]!));
    const logShare =
      failNoise * noisier * failAr[i]! - (failNoise * failNoise) / 2 + (burst[i] === 1 ? Math.log(10) : 0);
    let share = Math.min(failBase * Math.exp(logShare), 0.9);
    const shock = shocks.findIndex((s, k) => hit[k] === true && i >= s.at && i < s.at + SHOCK_STEPS);
    if (shock >= 0) {
      n = random.binomial(n, 0.7);
      share = Math.min(share + 0.03, 1);
    }
    requests[i] = n;
    failures[i] = random.binomial(n, share);
    successes[i] = n - failures[i]!;
    drawSlow(slow, i, successes[i]!, latency, random);
  }
  return {
    service: name,
    reporter: "source",
    requests,
    failures,
    latency: { boundsMs: latency.boundsMs, successes, slow },
    connections: null,
    valid: new Uint8Array(steps).fill(1),
    flags: {},
  };
}

/** Incidents that nobody injected: one in two days, four minutes long on average. */
function bursts(steps: number, days: number, random: Random): Uint8Array {
  const out = new Uint8Array(steps);
  for (let left = random.poisson(days / 2); left > 0; left--) {
    const at = random.int(steps);
    const length = Math.ceil(Math.log(random.next()) / Math.log(1 - 1 / 4));
    out.fill(1, at, Math.min(at + length, steps));
  }
  return out;
}

interface LatencyModel {
  readonly boundsMs: readonly number[];
  /** Share slower than each bound in step i. */
  share(bound: number, step: number): number;
}

/**
 * Log-normal latency with a wandering median, a dependence on load and a heavy tail; bounds nearest
 * to 50, 10 and 1 % as in judge.md §2.3.
 */
function latencyModel(steps: number, seasonal: Float64Array, random: Random): LatencyModel {
  const median = Math.log(logBetween(random, 5, 300));
  const spread = between(random, 0.5, 1.2);
  const [noise, phi] = [between(random, 0.02, 0.1), between(random, 0.5, 0.95)];
  const load = between(random, 0, 0.3);
  const tailBase = logBetween(random, 1e-3, 1e-2);
  const wander = ar1(phi, steps, random);
  const tailAr = ar1(0.8, steps, random);
  const slower = (logBound: number, mu: number, tail: number): number =>
    (1 - tail) * upperTail((logBound - mu) / spread) + tail * upperTail((logBound - mu - Math.log(10)) / 0.5);
  const typical = BOUNDS.map((b) => slower(Math.log(b), median, tailBase));
  const nearest = [0.5, 0.1, 0.01].map((target) => {
    const distance = typical.map((s) => Math.abs(Math.log(Math.max(s, 1e-9) / target)));
    return BOUNDS[distance.indexOf(Math.min(...distance))]!;
  });
  const boundsMs = [...new Set(nearest)].sort((a, b) => a - b);
  const logs = boundsMs.map(Math.log);
  return {
    boundsMs,
    share: (bound, i) =>
      slower(
        logs[bound]!,
        median + noise * wander[i]! + load * seasonal[i]!,
        Math.min(tailBase * Math.exp(0.5 * tailAr[i]!), 0.3),
      ),
  };
}

function drawSlow(
  slow: readonly Float64Array[],
  i: number,
  successes: number,
  latency: LatencyModel,
  random: Random,
): void {
  let left = successes;
  let above = 1;
  for (let b = 0; b < slow.length; b++) {
    const share = Math.min(latency.share(b, i), above);
    left = above > 0 ? random.binomial(left, share / above) : 0;
    slow[b]![i] = left;
    above = share;
  }
}

/**
 * A world in which nothing was injected: `services` services on one-minute steps over `days` days
 * (judge.md §3.2).
 */
export function generateWorld(kind: WorldKind, services: number, days: number, seed: number): World {
  const random = randomOf(seed);
  const shocks = kind === "shocks" ? Array.from({ length: 6 * days }, () => ({ at: random.int(days * DAY - 20) })) : [];
  return {
    kind,
    days,
    services: Array.from({ length: services }, (_, i) =>
      generateService(`ns-${i % 10}/service-${i}`, kind, days, shocks, random),
    ),
  };
}

/** Steps `[from, to)` of a world as an observation; views, not copies. */
export function windowOf(services: readonly ServiceCounts[], from: number, to: number): Observation {
  const cut = (x: Counts): Counts => x.subarray(from, to);
  return {
    grid: { startMs: from * MINUTE_MS, stepMs: MINUTE_MS, steps: to - from },
    services: services.map((s) => ({
      ...s,
      requests: cut(s.requests),
      failures: cut(s.failures),
      latency: s.latency && {
        boundsMs: s.latency.boundsMs,
        successes: cut(s.latency.successes),
        slow: s.latency.slow.map(cut),
      },
      valid: s.valid.subarray(from, to),
    })),
    sourceRequests: 0,
    notes: [],
  };
}
