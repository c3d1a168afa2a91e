import type { Observation, ServiceCounts } from "../../src/core/model/series.ts";
import { type Random, randomOf } from "../lib/random.ts";
import type { PastSpec } from "./cases.ts";
import { GRID, STEP_MS } from "./windows.ts";

const ODD = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -3, 1e30, 0.25];

/** A history of the services of `observation`. */
export function pastOf(spec: PastSpec, observation: Observation): Observation {
  const random = randomOf(spec.seed);
  const endMs = GRID.startMs - spec.endedStepsBefore * STEP_MS;
  const known = spec.forgotten ? observation.services.slice(1) : observation.services;
  return {
    grid: { startMs: endMs - spec.steps * STEP_MS, stepMs: STEP_MS, steps: spec.steps },
    services: known.map((s) => pastOfService(spec, s, random)),
    sourceRequests: 1,
    notes: [],
  };
}

function pastOfService(spec: PastSpec, s: ServiceCounts, random: Random): ServiceCounts {
  const mean = [0, 4, 500][random.int(3)]!;
  const share = [0, 0.001, 0.2][random.int(3)]!;
  const part = (of: Float32Array): Float32Array => of.map((n) => random.binomial(n, share));
  const requests = new Float32Array(spec.steps).map(() => (mean === 0 ? 0 : random.poisson(mean)));
  const [failures, slow] = [part(requests), part(requests)];
  for (const array of [requests, failures, slow]) {
    if (spec.oddEvery > 0)
      for (let i = random.int(9); i < array.length; i += spec.oddEvery) array[i] = ODD[random.int(ODD.length)]!;
  }
  const bounds = s.latency?.boundsMs ?? [];
  return {
    ...s,
    requests,
    failures,
    latency: s.latency && {
      boundsMs: spec.otherBounds ? [7] : bounds,
      successes: requests,
      slow: (spec.otherBounds ? [7] : bounds).map(() => slow),
    },
    connections: s.connections && { opened: requests, closed: requests, failed: failures },
    valid: new Uint8Array(spec.steps).map((_, i) => (spec.blindEvery > 0 && i % spec.blindEvery === 0 ? 0 : 1)),
  };
}
