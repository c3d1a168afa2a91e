import { readPolicies } from "../../app/policies/follow-policies.ts";
import { nameOf, type TeamBook, type TeamPolicies, teamBook } from "../../app/policies/teams.ts";
import type { Settings } from "../../app/preflight/settings.ts";
import type { Config } from "../../config/load/config.ts";
import { readTeamPolicy } from "../../config/policy/team-policy.ts";
import type { PolicyTexts } from "../../ports/policy-texts.ts";

/** What the use cases need of the configuration. */
export function settingsOf(config: Config): Settings {
  return {
    cluster: config.cluster,
    mode: config.mode,
    policies: config.policies,
    teams: config.teams,
    calendar: config.calendar,
    seed: config.seed,
    geometry: config.observation.geometry,
    historyMs: config.observation.historyMs,
    minimumEffect: config.effects.minimum,
    effects: config.effects.overrides,
    abort: config.abort,
    earlyAlert: config.earlyAlert,
    protectedNamespaces: config.protectedNamespaces,
    dependencies: config.dependencies,
    limits: config.gates,
    alerts: config.alerts,
    timezone: config.report.timezone,
    dashboardUrl: config.web.url,
    links: config.links,
  };
}

/**
 * The settings that hold now: those of the configuration, and the policies that teams are known to
 * have.
 */
export function holdSettings(config: () => Config): { settings(): Settings; readonly teams: TeamBook } {
  const teams = teamBook(
    () => config().teams,
    (text) => {
      const { teams: bounds, calendar } = config();
      return bounds === null
        ? { kind: "refused", why: "policies of teams are not read" }
        : readTeamPolicy(text, bounds, calendar.timezone);
    },
  );
  let last: { readonly config: Config; readonly sound: unknown; readonly settings: Settings } | null = null;
  return {
    teams,
    settings() {
      const { sound } = teams.now();
      if (last?.config !== config() || last.sound !== sound) {
        const own = settingsOf(config());
        const policies = [...own.policies, ...sound.map((one) => one.policy)];
        last = { config: config(), sound, settings: { ...own, policies } };
      }
      return last.settings;
    },
  };
}

/**
 * What holds now in a cluster whose policies of teams nobody follows: for commands that end soon.
 */
export async function settingsNow(
  { config, policyTexts }: { readonly config: Config; readonly policyTexts: PolicyTexts },
  signal: AbortSignal,
): Promise<{ readonly settings: Settings; readonly found: TeamPolicies }> {
  const { settings, teams } = holdSettings(() => config);
  const found = await readPolicies({ policyTexts, teams }, config.teams, signal);
  return { settings: settings(), found };
}

/** Policies of teams that are not followed, for people and for `--json`. */
export const notFollowed = ({ refused, unread }: TeamPolicies) => [
  ...refused.map(({ text, why }) => ({ policy: nameOf(text), why })),
  ...unread.map(({ namespace, why }) => ({ policy: `${namespace}.*`, why })),
];
