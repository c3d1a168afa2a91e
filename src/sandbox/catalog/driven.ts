import { daysOld, fails, latency, service } from "./make.ts";
import type { ServiceSpec } from "./spec.ts";

/** load (20/s) → repeater (2), which passes on what it gets. */
export const drivenRepeater = (
  repeater: Partial<ServiceSpec>,
  load: Partial<ServiceSpec> = {},
): readonly ServiceSpec[] => [
  service("go-app/load", {
    replicas: 1,
    protocol: "none",
    drives: [{ to: "go-app/repeater", rps: 20, swing: 0, peakHourUtc: 0, dispersion: 0.05, noise: 0 }],
    ageMs: daysOld(12),
    ...load,
  }),
  service("go-app/repeater", {
    latency: latency(15, 0.45),
    failures: fails(6e-5),
    relaysStatus: true,
    ageMs: daysOld(9),
    ...repeater,
  }),
];

/** go-app (2), whatever it calls. */
export const drivenApp = (particular: Partial<ServiceSpec>): ServiceSpec =>
  service("go-app/go-app", { latency: latency(9, 0.4), failures: fails(9e-5), ageMs: daysOld(4), ...particular });
