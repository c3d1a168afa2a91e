import { MINUTE_MS } from "../../core/model/units.ts";
import {
  fallback,
  noFallback,
  noTimeout,
  retriesHide,
  retriesIdle,
  retryNever,
  retryStorm,
  timeout,
} from "./callers.ts";
import { type DatabaseUse, goApp } from "./go-app.ts";
import { CRON_JOBS, NEIGHBOURS } from "./neighbours.ts";
import { cutOff, headRoom, overload, preStop } from "./replicas.ts";
import type { Catalog, IncidentSpec, ServiceSpec } from "./spec.ts";

/** One way for the services to behave; what follows from it is nobody's setting. */
interface Story {
  /** What runs in the namespace go-app; one of its Deployments has that name, too. */
  readonly app: () => ServiceSpec[];
  readonly incidents?: readonly IncidentSpec[];
}

const STALE: DatabaseUse = { touchShare: 0.5, onLoss: "stale", probe: "shallow" };
const RECONNECT: DatabaseUse = { ...STALE, onLoss: "reconnect" };

/**
 * Every half hour, a third of the answers of one service is an error for six minutes; its callers
 * take it or leave it.
 */
const TEMPLATES_FAIL: IncidentSpec = {
  service: "messaging/templates",
  firstMs: 9 * MINUTE_MS,
  everyMs: 23 * MINUTE_MS,
  lastsMs: 6 * MINUTE_MS,
  failureShare: 0.35,
};

export const STORIES = {
  /** go-app never opens its connection again, and its probe does not look at it. */
  stale: { app: () => goApp(STALE) },
  /** go-app connects again on the next request. */
  reconnect: { app: () => goApp({ ...STALE, onLoss: "reconnect" }) },
  /** Readiness and liveness look at the connection: a pod that lost it is restarted. */
  "probe-through-db": { app: () => goApp({ ...STALE, probe: "through-connection" }) },
  /** go-app is connected, and no request needs it. */
  "no-effect": { app: () => goApp({ ...STALE, touchShare: 0 }) },
  /** As `stale`, and a service far away fails now and then by itself. */
  unrelated: { app: () => goApp(STALE), incidents: [TEMPLATES_FAIL] },
  /** As `stale`, and the proxy of repeater tries three more times whatever go-app answers. */
  retries: { app: () => goApp(STALE, 3) },
  /** A new pod of go-app fails for minutes; the proxies of repeater ask others instead. */
  "retries-hide": { app: retriesHide },
  /** The same caller, and go-app works from the first request on. */
  "retries-idle": { app: retriesIdle },
  /** The retries of repeater keep the only pod of go-app too busy to fill its caches. */
  "retry-storm": { app: retryStorm },
  /** The same pod, and repeater asks once. */
  "retry-never": { app: retryNever },
  /** A new pod of go-app is slow for minutes, and repeater waits for it. */
  "no-timeout": { app: noTimeout },
  /** The same pod, and repeater gives up after a second. */
  timeout: { app: timeout },
  /** repeater fails whenever offers do, one of two services that it calls. */
  "no-fallback": { app: noFallback },
  /** The same failures, and repeater answers without. */
  fallback: { app: fallback },
  /** go-app ends when it loses its database, and each time it finds none when it starts. */
  crash: { app: () => goApp({ ...STALE, onLoss: "crash" }) },
  /** go-app ends once, and the new container waits for the database. */
  "exit-and-wait": { app: () => goApp({ ...STALE, onLoss: "exit" }) },
  /** One pod of go-app cannot do the work of two, and a replacement takes its time. */
  overload: { app: overload },
  /** The same replacement, and one pod can. */
  "head-room": { app: headRoom },
  /** A pod of go-app ends on SIGTERM with long requests under way. */
  "resets-at-end": { app: cutOff },
  /** The same pod, and a preStop lets callers look elsewhere first. */
  "pre-stop": { app: preStop },
  /** The database has three replicas, and answers nobody while they choose a leader. */
  "leader-lost": {
    app: () => goApp(RECONNECT, 0, { kind: "StatefulSet", replicas: 3, electionMs: 20_000 }),
  },
  /** Three replicas, each of which can answer at any time. */
  "no-leader": { app: () => goApp(RECONNECT, 0, { kind: "StatefulSet", replicas: 3 }) },
} as const satisfies Record<string, Story>;

export type StoryName = keyof typeof STORIES;

export const isStoryName = (name: string): name is StoryName => name in STORIES;

export function catalogOf(name: StoryName): Catalog {
  const { app, incidents = [] }: Story = STORIES[name];
  return { services: [...app(), ...NEIGHBOURS], cronJobs: CRON_JOBS, incidents };
}
