import { judge } from "../../src/core/judge/judge.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../src/core/model/policy.ts";
import { isDegraded } from "../../src/core/model/verdict.ts";
import { randomOf } from "../lib/random.ts";
import { callsOf } from "../truth/experiment.ts";
import { generateWorld, windowOf } from "../truth/world.ts";

/**
 * Judges one experiment over very many services, of which every other one fails half of its
 * requests from t0 on.
 */
export function manyServices(services: number): { services: number; degraded: number; seconds: number } {
  const kinds = generateWorld("ordinary", Math.min(services, 100), 1, 1).services;
  const random = randomOf(services);
  const [before, steps] = [30, 50];
  const all = Array.from({ length: services }, (_, i) => {
    const from = random.int(kinds[0]!.requests.length - steps);
    const one = windowOf([kinds[i % kinds.length]!], from, from + steps).services[0]!;
    const failing = one.requests.map((n, step) => (i % 2 === 1 && step >= before ? n / 2 : one.failures[step]!));
    return { ...one, service: `ns/service-${i}`, failures: failing };
  });
  const minuteMs = 60_000;
  const start = performance.now();
  const judgement = judge({
    observation: { grid: { startMs: 0, stepMs: minuteMs, steps }, services: all, sourceRequests: 0, notes: [] },
    history: null,
    excluded: [],
    t0Ms: before * minuteMs,
    clearMs: (before + 5) * minuteMs,
    geometry: {
      stepMs: minuteMs,
      beforeMs: 30 * minuteMs,
      earlyMs: 10 * minuteMs,
      graceMs: 5 * minuteMs,
      lateMs: 10 * minuteMs,
    },
    minimumEffect: DEFAULT_MINIMUM_EFFECT,
    calls: callsOf(all),
    concerned: [all[0]!.service],
  });
  const seconds = (performance.now() - start) / 1_000;
  const degraded = new Set(judgement.verdicts.filter((v) => isDegraded(v.verdict.kind)).map((v) => v.service)).size;
  return { services, degraded, seconds };
}
