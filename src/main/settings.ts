import type { Settings } from "../app/settings.ts";
import type { Config } from "../config/config.ts";

/** What the use cases need of the configuration. */
export function settingsOf(config: Config): Settings {
  return {
    cluster: config.cluster,
    mode: config.mode,
    policies: config.policies,
    calendar: config.calendar,
    seed: config.seed,
    geometry: config.observation.geometry,
    historyMs: config.observation.historyMs,
    minimumEffect: config.effects.minimum,
    effects: config.effects.overrides,
    abort: config.abort,
    protectedNamespaces: config.protectedNamespaces,
    dependencies: config.dependencies,
    limits: config.gates,
    alerts: config.alerts,
    timezone: config.report.timezone,
    dashboardUrl: config.web.url,
  };
}
