import { HOUR_MS } from "../../core/model/units.ts";
import type { CallSpec, ConnectionSpec, FailureSpec, ServiceSpec } from "./spec.ts";

/** What a service need not say: a small, well-behaved Deployment. */
const USUAL: Omit<ServiceSpec, "namespace" | "name"> = {
  kind: "Deployment",
  replicas: 2,
  protocol: "http",
  port: 8080,
  calls: [],
  drives: [],
  connection: null,
  latency: { medianMs: 8, sigma: 0.5, noise: 0.06 },
  failures: { share: 1e-4, shape: 1, kinds: [{ code: "500", flags: "-", weight: 1 }] },
  notFoundShare: 0,
  relaysStatus: false,
  readyAfterMs: 4_000,
  drainMs: 2_000,
  finishes: true,
  preStopSeconds: null,
  cold: null,
  crowded: null,
  electionMs: 0,
  graceSeconds: 30,
  minAvailable: null,
  autoscaler: null,
  ageMs: 40 * 24 * HOUR_MS,
  environment: {},
};

/** `namespace/name` and what is particular about it. */
export function service(id: string, particular: Partial<ServiceSpec> = {}): ServiceSpec {
  const [namespace, name] = id.split("/");
  if (namespace === undefined || name === undefined) throw new TypeError(`${id} is not namespace/name`);
  return { ...USUAL, namespace, name, ...particular };
}

/** Calls that must succeed, by mean number for each request. */
export const needs = (calls: Readonly<Record<string, number>>): CallSpec[] =>
  Object.entries(calls).map(([to, perRequest]) => ({ to, perRequest, required: true }));

/** Calls that may fail. */
export const likes = (calls: Readonly<Record<string, number>>): CallSpec[] =>
  Object.entries(calls).map(([to, perRequest]) => ({ to, perRequest, required: false }));

/** Median and spread of latency, and how much it wanders. */
export const latency = (medianMs: number, sigma = 0.5, noise = 0.06): ServiceSpec["latency"] => ({
  medianMs,
  sigma,
  noise,
});

const APPLICATION: readonly FailureSpec[] = [{ code: "500", flags: "-", weight: 1 }];
/**
 * Some failures are connections that a proxy lost: an idle one closed by the far side, a busy node.
 */
const WITH_CONNECTIONS: readonly FailureSpec[] = [
  { code: "500", flags: "-", weight: 0.7 },
  { code: "503", flags: "UC", weight: 0.3 },
];
const WITH_TIMEOUTS: readonly FailureSpec[] = [
  { code: "500", flags: "-", weight: 0.5 },
  { code: "504", flags: "UT", weight: 0.5 },
];

export const fails = (
  share: number,
  shape = 1,
  how: "application" | "connections" | "timeouts" = "application",
): ServiceSpec["failures"] => {
  const kinds = { application: APPLICATION, connections: WITH_CONNECTIONS, timeouts: WITH_TIMEOUTS }[how];
  return { share, shape, kinds };
};

/** A small TCP store that one pod serves. */
export const store = (id: string, port: number, particular: Partial<ServiceSpec> = {}): ServiceSpec =>
  service(id, {
    kind: "StatefulSet",
    replicas: 1,
    protocol: "tcp",
    port,
    latency: latency(0.6),
    readyAfterMs: 7_000,
    drainMs: 0,
    ...particular,
  });

/** A connection that is opened again when it is lost. */
export const talksTo = (to: string, touchShare: number): ConnectionSpec => ({
  to,
  touchShare,
  onLoss: "reconnect",
  probe: "shallow",
  bytes: { sent: 180, received: 900 },
});

export const daysOld = (days: number): number => days * 24 * HOUR_MS;
