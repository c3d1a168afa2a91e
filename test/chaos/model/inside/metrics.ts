import { AftershockError } from "../../../../src/core/model/error.ts";
import type { Grid, Observation } from "../../../../src/core/model/series.ts";
import type { AlertSource } from "../../../../src/ports/alerts.ts";
import type { MetricsSource } from "../../../../src/ports/metrics.ts";
import type { MetricsAnswer, MetricsAsk } from "../environment.ts";
import { environment } from "./environment.ts";
import { forExperiment } from "./raw.ts";

export const SERVICES = ["go-app/repeater", "go-app/go-app", "go-app/go-app-db"] as const;
const REQUESTS_PER_SECOND = 10;

/** Who calls whom. */
export const EDGES = [
  { caller: "repeater", callee: "go-app/go-app" },
  { caller: "go-app", callee: "go-app/go-app-db" },
  { caller: "load", callee: "go-app/repeater" },
].map(({ caller, callee }) => ({
  caller: { kind: "Deployment" as const, namespace: "go-app", name: caller },
  callee,
  protocol: "http" as const,
  perSecond: 10,
}));

async function ask(what: MetricsAsk, signal: AbortSignal): Promise<MetricsAnswer> {
  try {
    return await environment.metrics(what, forExperiment.getStore() ?? null, signal);
  } catch (cause) {
    signal.throwIfAborted();
    const { code } = cause as { readonly code: string };
    throw new AftershockError("source-unavailable", `${what}: ${code}`, { retryable: true });
  }
}

const partial = (): AftershockError => new AftershockError("source-unavailable", "a part of the answer is missing");

async function counts(grid: Grid, signal: AbortSignal): Promise<Observation> {
  if ((await ask("counts", signal)).partial) throw partial();
  const requests = (REQUESTS_PER_SECOND * grid.stepMs) / 1_000;
  const failures = (service: string) =>
    Float64Array.from({ length: grid.steps }, (_, i) =>
      Math.round(requests * environment.failing(service, grid.startMs + i * grid.stepMs)),
    );
  const services = SERVICES.map((service) => ({
    service,
    reporter: "source" as const,
    requests: new Float64Array(grid.steps).fill(requests),
    failures: failures(service),
    latency: null,
    connections: null,
    valid: Uint8Array.from({ length: grid.steps }, (_, i) =>
      environment.unseen(grid.startMs + i * grid.stepMs) ? 0 : 1,
    ),
    flags: {},
  }));
  return { grid, services, sourceRequests: 1, notes: [] };
}

/** Steady traffic, of which some fails while a service is down. */
export const metrics: MetricsSource = {
  counts,
  history: counts,
  async edges(_window, signal) {
    if ((await ask("edges", signal)).partial) throw partial();
    return EDGES;
  },
  async recent(atMs, windowMs, signal) {
    const { partial: missing } = await ask("recent", signal);
    const requests = (REQUESTS_PER_SECOND * windowMs) / 1_000;
    return SERVICES.map((service) => ({
      service,
      requests,
      failures: requests * environment.failing(service, atMs),
      ...(missing ? { unread: "a part of the answer is missing" } : {}),
    }));
  },
  async health(signal) {
    const { partial: missing } = await ask("health", signal);
    return { blind: missing ? "it answers in part" : null, scrapeIntervalMs: 15_000, clockSkewMs: 0, services: 3 };
  },
};

export const alerts: AlertSource = {
  async firing(_selector, signal) {
    if ((await ask("alerts", signal)).partial) throw partial();
    return [];
  },
};
