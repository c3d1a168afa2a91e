import { MINUTE_MS } from "../../core/model/units.ts";
import { type DatabaseUse, goApp } from "./go-app.ts";
import { CRON_JOBS, NEIGHBOURS } from "./neighbours.ts";
import type { Catalog, IncidentSpec } from "./spec.ts";

/** One way for the services to behave; what follows from it is nobody's setting. */
interface Story {
  readonly use: DatabaseUse;
  readonly incidents: readonly IncidentSpec[];
  /** Tries beside the first that the proxy of repeater makes. */
  readonly retries?: number;
}

const STALE: DatabaseUse = { touchShare: 0.5, onLoss: "stale", probe: "shallow" };

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
  stale: { use: STALE, incidents: [] },
  /** go-app connects again on the next request. */
  reconnect: { use: { ...STALE, onLoss: "reconnect" }, incidents: [] },
  /** Readiness and liveness look at the connection: a pod that lost it is restarted. */
  "probe-through-db": { use: { ...STALE, probe: "through-connection" }, incidents: [] },
  /** go-app is connected, and no request needs it. */
  "no-effect": { use: { ...STALE, touchShare: 0 }, incidents: [] },
  /** As `stale`, and a service far away fails now and then by itself. */
  unrelated: { use: STALE, incidents: [TEMPLATES_FAIL] },
  /** As `stale`, and the proxy of repeater tries three more times whatever go-app answers. */
  retries: { use: STALE, incidents: [], retries: 3 },
} as const satisfies Record<string, Story>;

export type StoryName = keyof typeof STORIES;

export const isStoryName = (name: string): name is StoryName => name in STORIES;

export function catalogOf(name: StoryName): Catalog {
  const { use, incidents, retries }: Story = STORIES[name];
  return { services: [...goApp(use, retries), ...NEIGHBOURS], cronJobs: CRON_JOBS, incidents };
}
