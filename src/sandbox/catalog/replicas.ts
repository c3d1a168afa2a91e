import { daysOld, fails, latency, needs, service } from "./make.ts";
import type { CrowdedSpec, ServiceSpec } from "./spec.ts";

/** A replacement takes so long that what the other pod bears in between can be seen. */
const SLOW_START_MS = 150_000;

/** load (20/s) → repeater (2) → go-app (2), which keeps no connection to anybody. */
function replicas(particular: Partial<ServiceSpec>): ServiceSpec[] {
  const load = service("go-app/load", {
    replicas: 1,
    protocol: "none",
    drives: [{ to: "go-app/repeater", rps: 20, swing: 0, peakHourUtc: 0, dispersion: 0.05, noise: 0 }],
    ageMs: daysOld(12),
  });
  const repeater = service("go-app/repeater", {
    calls: needs({ "go-app/go-app": 1 }),
    latency: latency(15, 0.45),
    failures: fails(6e-5),
    relaysStatus: true,
    ageMs: daysOld(9),
  });
  const app = service("go-app/go-app", {
    latency: latency(9, 0.4),
    failures: fails(9e-5),
    ageMs: daysOld(4),
    ...particular,
  });
  return [load, repeater, app];
}

/** One pod alone answers slowly, and fails some. */
const CROWDED: CrowdedSpec = { below: 2, slowerMs: 700, failShare: 0.05 };

export const overload = (): ServiceSpec[] => replicas({ readyAfterMs: SLOW_START_MS, crowded: CROWDED });
/** The same loss, and one pod can do the work of two. */
export const headRoom = (): ServiceSpec[] => replicas({ readyAfterMs: SLOW_START_MS });
