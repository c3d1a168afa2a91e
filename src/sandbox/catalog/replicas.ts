import { drivenApp, drivenRepeater } from "./driven.ts";
import { latency, needs } from "./make.ts";
import type { CrowdedSpec, ServiceSpec } from "./spec.ts";

/** A replacement takes so long that what the other pod bears in between can be seen. */
const SLOW_START_MS = 150_000;

/** repeater → go-app (2), which keeps no connection to anybody. */
const replicas = (particular: Partial<ServiceSpec>): ServiceSpec[] => [
  ...drivenRepeater({ calls: needs({ "go-app/go-app": 1 }) }),
  drivenApp(particular),
];

/** One pod alone answers slowly, and fails some. */
const CROWDED: CrowdedSpec = { below: 2, slowerMs: 700, failShare: 0.05 };

export const overload = (): ServiceSpec[] => replicas({ readyAfterMs: SLOW_START_MS, crowded: CROWDED });
/** The same loss, and one pod can do the work of two. */
export const headRoom = (): ServiceSpec[] => replicas({ readyAfterMs: SLOW_START_MS });

/** Long answers, and a process that ends as soon as it is asked to. */
const CUT_OFF: Partial<ServiceSpec> = { latency: latency(8_000, 0.3), drainMs: 0, finishes: false };
export const cutOff = (): ServiceSpec[] => replicas(CUT_OFF);
/** The same process, which is asked only when callers look elsewhere. */
export const preStop = (): ServiceSpec[] => replicas({ ...CUT_OFF, preStopSeconds: 15 });
