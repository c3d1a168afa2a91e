import type { Clock } from "../../../../src/ports/clock.ts";
import type { InjectionOrder } from "../../../../src/ports/faults.ts";
import type { Log } from "../../../../src/ports/log.ts";

/** 6 March 2026, 09:15 UTC. */
export const T0 = Date.parse("2026-03-06T09:15:00Z");

/** A clock that stands still until it is told or slept on. */
export interface ManualClock extends Clock {
  /** Time passes. */
  forward(ms: number): void;
  /** Somebody sets its hands; no time passes. */
  setBy(ms: number): void;
}

export function manualClock(startMs = T0): ManualClock {
  let passedMs = 0;
  let setMs = 0;
  return {
    nowMs: () => startMs + setMs + passedMs,
    monotonicMs: () => passedMs,
    realMs: () => passedMs,
    async sleep(ms) {
      passedMs += ms;
    },
    forward(ms) {
      passedMs += ms;
    },
    setBy(ms) {
      setMs += ms;
    },
  };
}

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

export const POD = { namespace: "go-app", name: "repeater-0", uid: "11111111-1111-1111-1111-111111111111" };
export const POD_PATH = `/api/v1/namespaces/go-app/pods/${POD.name}`;

/** An order for one pod of Deployment go-app/repeater, or what `changes` say. */
export function orderOf(
  fault: InjectionOrder["fault"],
  changes: Partial<InjectionOrder["target"]> = {},
): InjectionOrder {
  return {
    experimentId: "go-app-pods-20260306T091500Z",
    fault,
    target: {
      workload: { kind: "Deployment", namespace: "go-app", name: "repeater" },
      services: ["go-app/repeater"],
      pods: [POD],
      node: "node-b",
      zone: "b",
      ...changes,
    },
    expiresMs: T0 + 600_000,
  };
}

export const podObject = (changes: Readonly<Record<string, unknown>> = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { ...POD, ...changes },
  status: { phase: "Running" },
});
