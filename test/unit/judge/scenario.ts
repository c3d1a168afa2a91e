import type { JudgeInput } from "../../../src/core/judge/input/input.ts";
import { DEFAULT_MINIMUM_EFFECT, type Geometry } from "../../../src/core/model/policy.ts";
import type { Grid, Observation, ServiceCounts } from "../../../src/core/model/series.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { seededRandom } from "../../support/random.ts";

export const T0 = Date.parse("2026-03-06T09:15:00Z");
/** Windows of the test in the lab: ten-second steps. */
export const LAB: Geometry = {
  stepMs: 10 * SECOND_MS,
  beforeMs: 2 * MINUTE_MS,
  earlyMs: MINUTE_MS,
  graceMs: 20 * SECOND_MS,
  lateMs: MINUTE_MS,
};
/** Windows of the demo: one-minute steps, ten before. */
export const DEMO: Geometry = {
  stepMs: MINUTE_MS,
  beforeMs: 10 * MINUTE_MS,
  earlyMs: 5 * MINUTE_MS,
  graceMs: 2 * MINUTE_MS,
  lateMs: 5 * MINUTE_MS,
};

/** What a service does at `atMs` (the start of a step). */
export interface Behaviour {
  readonly service: string;
  /** Requests a second. */
  readonly rps: (atMs: number) => number;
  /** Share that fails. */
  readonly failing?: (atMs: number) => number;
  /** Shares of successful requests slower than 50, 250 and 1000 ms. */
  readonly slow?: (atMs: number) => readonly [number, number, number];
  /** False where nothing was scraped. */
  readonly scraped?: (atMs: number) => boolean;
}

/**
 * Exact where few are drawn, from success to success; by the normal curve where many are: a week of
 * services would else take minutes.
 */
function binomial(n: number, p: number, random: () => number): number {
  if (p <= 0 || n <= 0) return 0;
  if (p > 0.5) return n - binomial(n, 1 - p, random);
  const variance = n * p * (1 - p);
  if (variance > 25) {
    const z = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.min(Math.max(Math.round(n * p + z * Math.sqrt(variance)), 0), n);
  }
  let k = -1;
  for (let at = 0; at <= n; k++) at += Math.floor(Math.log(1 - random()) / Math.log1p(-p)) + 1;
  return k;
}

function countsOf(behaviour: Behaviour, grid: Grid, random: () => number): ServiceCounts {
  const zeros = () => new Float64Array(grid.steps);
  const [requests, failures, successes] = [zeros(), zeros(), zeros()];
  const slow = [zeros(), zeros(), zeros()];
  const valid = new Uint8Array(grid.steps).fill(1);
  for (let i = 0; i < grid.steps; i++) {
    const atMs = grid.startMs + i * grid.stepMs;
    const mean = (behaviour.rps(atMs) * grid.stepMs) / SECOND_MS;
    const n = binomial(Math.round(mean * 2), 0.5, random);
    const scraped = behaviour.scraped?.(atMs) ?? true;
    if (!scraped) valid[i] = 0;
    if (!scraped) continue;
    requests[i] = n;
    failures[i] = binomial(n, behaviour.failing?.(atMs) ?? 0, random);
    successes[i] = n - failures[i]!;
    const shares = behaviour.slow?.(atMs) ?? [0.4, 0.08, 0.01];
    let left = successes[i]!;
    let above = 1;
    shares.forEach((share, k) => {
      left = binomial(left, share / above, random);
      above = share;
      slow[k]![i] = left;
    });
  }
  return {
    service: behaviour.service,
    reporter: "source",
    requests,
    failures,
    latency: { boundsMs: [50, 250, 1000], successes, slow },
    connections: null,
    valid,
    flags: {},
  };
}

export function observe(services: readonly Behaviour[], grid: Grid, seed: number): Observation {
  const random = seededRandom(seed);
  return { grid, services: services.map((s) => countsOf(s, grid, random)), sourceRequests: 6, notes: [] };
}

/** The grid that an experiment with `geometry` is observed on. */
export function gridOf(geometry: Geometry, clearMs: number): Grid {
  const startMs = T0 - geometry.beforeMs;
  const endMs = Math.max(clearMs + geometry.graceMs + geometry.lateMs, T0 + geometry.earlyMs);
  return { startMs, stepMs: geometry.stepMs, steps: Math.ceil((endMs - startMs) / geometry.stepMs) };
}

export interface Scenario {
  readonly services: readonly Behaviour[];
  readonly geometry?: Geometry;
  readonly clearAfterMs?: number;
  readonly seed?: number;
  readonly historyDays?: number;
}

/**
 * repeater → go-app → go-app-db, as in the story: the database speaks TCP and is not among the HTTP
 * services.
 */
export const CALLS = [
  { caller: "go-app/repeater", callee: "go-app/go-app" },
  { caller: "go-app/go-app", callee: "go-app/go-app-db" },
  { caller: "shop/web", callee: "shop/cart" },
];

export function inputOf(scenario: Scenario): JudgeInput {
  const geometry = scenario.geometry ?? LAB;
  const clearMs = T0 + (scenario.clearAfterMs ?? 15 * SECOND_MS);
  const grid = gridOf(geometry, clearMs);
  const seed = scenario.seed ?? 1;
  const days = scenario.historyDays ?? 0;
  const steps = Math.round((days * 24 * 60 * MINUTE_MS) / geometry.stepMs);
  const historyGrid: Grid = { startMs: grid.startMs - steps * geometry.stepMs, stepMs: geometry.stepMs, steps };
  return {
    observation: observe(scenario.services, grid, seed),
    history: days === 0 ? null : observe(scenario.services, historyGrid, seed + 1_000),
    excluded: [],
    t0Ms: T0,
    clearMs,
    geometry,
    minimumEffect: DEFAULT_MINIMUM_EFFECT,
    calls: CALLS,
    concerned: ["go-app/go-app"],
  };
}
