import { DEFAULT_GATE_LIMITS, type PreflightFacts } from "../../src/app/preflight/facts.ts";
import { OPEN_CALENDAR } from "../../src/core/schedule/calendar.ts";
import type { FiringAlert } from "../../src/ports/alerts.ts";
import type { AccessQuestion } from "../../src/ports/cluster.ts";
import type { Halt } from "../../src/ports/lease.ts";
import type { MetricsHealth, RecentCounts } from "../../src/ports/metrics.ts";
import { storyCluster } from "./cluster.ts";
import { experimentPlan, T0 } from "./experiments.ts";
import { policy } from "./policies.ts";
import { STORY_EDGES } from "./story.ts";

/** What the ports of a preflight answer; a rejection is an `Error`. */
export interface PortAnswers {
  readonly halt: Halt | null | Error;
  readonly holdsLease: boolean | Error;
  readonly health: Partial<MetricsHealth> | Error;
  readonly recent: readonly RecentCounts[] | Error;
  readonly firing: readonly FiringAlert[] | Error;
  readonly allowed: ((question: AccessQuestion) => boolean) | Error;
}

const WELL: PortAnswers = {
  halt: null,
  holdsLease: true,
  health: {},
  recent: [{ service: "go-app/go-app", requests: 1_000, failures: 2 }],
  firing: [],
  allowed: () => true,
};

/** The port's answer, or its rejection. */
async function answer<T>(value: T | Error): Promise<T> {
  if (value instanceof Error) throw value;
  return value;
}

const unused = (name: string) => () => Promise.reject(new Error(`${name} is not asked by a gate`));

/**
 * A pod of go-app is to be deleted in a cluster that is well, with every port answering as it
 * should.
 */
export function preflightFacts(
  changes: Partial<PreflightFacts> = {},
  answers: Partial<PortAnswers> = {},
): PreflightFacts {
  const ports = { ...WELL, ...answers };
  const health: MetricsHealth = { blind: null, scrapeIntervalMs: 15_000, clockSkewMs: 0, services: 3 };
  return {
    policy: policy(),
    plan: experimentPlan(),
    choice: {
      target: {
        workload: { kind: "Deployment", namespace: "go-app", name: "go-app" },
        services: ["go-app/go-app"],
        pods: [{ namespace: "go-app", name: "go-app-g1", uid: "g1" }],
        node: "node-a",
        zone: "a",
      },
      fault: { kind: "pod-delete" },
      eligible: 3,
      ineligible: 0,
      drawn: "go-app/go-app",
    },
    snapshot: storyCluster(),
    nowMs: () => T0 + 1_000,
    past: [],
    openDamage: [],
    active: [],
    edges: STORY_EDGES,
    calendar: OPEN_CALENDAR,
    protectedNamespaces: ["kube-*"],
    dependencies: ["istio-system/prometheus"],
    limits: DEFAULT_GATE_LIMITS,
    halt: { read: () => answer(ports.halt), halt: unused("halt"), resume: unused("resume") },
    lease: {
      hold: async () => ((await answer(ports.holdsLease)) ? { token: 1 } : null),
      noteIntent: unused("noteIntent"),
      lastIntent: unused("lastIntent"),
      intentOf: unused("intentOf"),
      settleIntent: unused("settleIntent"),
      release: unused("release"),
    },
    metrics: {
      counts: unused("counts"),
      history: unused("history"),
      edges: unused("edges"),
      recent: () => answer(ports.recent),
      health: async () => ({ ...health, ...(await answer(ports.health)) }),
    },
    cluster: {
      mayI: async (questions) => {
        const allowed = await answer(ports.allowed);
        return questions.map(allowed);
      },
    },
    alerts: { source: { firing: () => answer(ports.firing) }, selector: 'severity="critical"' },
    ...changes,
  };
}
