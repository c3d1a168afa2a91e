import type { Counts, Observation, ServiceCounts } from "../../src/core/model/series.ts";
import type { Random } from "../lib/random.ts";
import { BEFORE, CLEAR, GEOMETRY, REACH } from "./experiment.ts";

/** How long the damage lasts: over within grace, over in the late window, or for ever. */
export const COURSES = ["transient", "slow-recovery", "persistent"] as const;
export type CourseKind = (typeof COURSES)[number];
export const SIGNALS = ["failures", "latency", "rate"] as const;
export type InjectedSignal = (typeof SIGNALS)[number];

/**
 * Sizes: added share of failures, factor on the odds of being slow, share of requests that vanish.
 */
export const SIZES: Readonly<Record<InjectedSignal, readonly number[]>> = {
  failures: [0.01, 0.05, 0.2, 0.6],
  latency: [2, 4, 10, 40],
  rate: [0.3, 0.5, 0.8, 1],
};

export interface Injection {
  readonly service: string;
  readonly signal: InjectedSignal;
  readonly size: number;
  readonly course: CourseKind;
  /**
   * Steps of the observation `[from, to)` in which it acts; `to` = its length when it never ends.
   */
  readonly from: number;
  readonly to: number;
}

/** Draws when the damage begins (at once, or a minute or two late) and ends. */
export function drawInjection(
  service: string,
  signal: InjectedSignal,
  size: number,
  course: CourseKind,
  random: Random,
): Injection {
  const from = BEFORE + random.int(3);
  const grace = CLEAR + GEOMETRY.graceMs / GEOMETRY.stepMs;
  if (course === "persistent") return { service, signal, size, course, from, to: BEFORE + REACH };
  if (course === "transient") return { service, signal, size, course, from, to: from + 2 + random.int(grace - 5) };
  return { service, signal, size, course, from, to: BEFORE + grace + 2 + random.int(3) };
}

/**
 * Adds the damage to the counts: failures among requests, slow ones among successes, requests that
 * never came (judge.md §3.3).
 */
export function inject(observation: Observation, injection: Injection, random: Random): Observation {
  return {
    ...observation,
    services: observation.services.map((s) => (s.service === injection.service ? damage(s, injection, random) : s)),
  };
}

function damage(s: ServiceCounts, { signal, size, from, to }: Injection, random: Random): ServiceCounts {
  const copy = (x: Counts) => Float64Array.from(x);
  const [requests, failures] = [copy(s.requests), copy(s.failures)];
  const latency = s.latency!;
  const successes = copy(latency.successes);
  const slow = latency.slow.map(copy);
  for (let i = from; i < to; i++) {
    if (signal === "failures") {
      failures[i] = failures[i]! + random.binomial(successes[i]!, size);
      thin(successes, slow, i, requests[i]! - failures[i]!, random);
    } else if (signal === "rate") {
      const left = random.binomial(requests[i]!, 1 - size);
      failures[i] = random.binomial(failures[i]!, left / Math.max(requests[i]!, 1));
      requests[i] = left;
      thin(successes, slow, i, left - failures[i]!, random);
    } else {
      slower(successes[i]!, slow, i, size, random);
    }
  }
  return { ...s, requests, failures, latency: { ...latency, successes, slow } };
}

/** Leaves `left` of the successes, and as many slow ones as chance has it. */
function thin(successes: Float64Array, slow: readonly Float64Array[], i: number, left: number, random: Random): void {
  const share = left / Math.max(successes[i]!, 1);
  let above = left;
  for (const row of slow) {
    above = Math.min(random.binomial(row[i]!, Math.min(share, 1)), above);
    row[i] = above;
  }
  successes[i] = left;
}

/** Multiplies the odds of being slower than each bound. */
function slower(successes: number, slow: readonly Float64Array[], i: number, odds: number, random: Random): void {
  const u = successes;
  let above = u;
  slow.forEach((row) => {
    const share = (row[i]! + 0.5) / (u + 1);
    const raised = (share * odds) / (1 - share + share * odds);
    const added = random.binomial(Math.max(u - row[i]!, 0), Math.max((raised - share) / (1 - share), 0));
    above = Math.min(row[i]! + added, above);
    row[i] = above;
  });
}
