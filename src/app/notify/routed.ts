import type { Outcome } from "../../core/model/outcome.ts";
import type { LabelRequirement } from "../../core/model/policy.ts";
import { matchesPattern, selects } from "../../core/targeting/selector.ts";
import { NOBODY, type Notice } from "../../core/text/notice.ts";
import type { Log } from "../../ports/log.ts";
import type { Notifier } from "../../ports/notifier.ts";
import { severally } from "./severally.ts";

/** Which messages a channel gets: those for which all that is named fits. */
export interface Route {
  readonly channel: string;
  /** Names or patterns; empty: any. */
  readonly namespaces: readonly string[];
  readonly labels: readonly LabelRequirement[];
  /** Empty: any, and also before there is one. */
  readonly outcomes: readonly Outcome[];
}

export interface Channels {
  /** By name. */
  readonly named: ReadonlyMap<string, Notifier>;
  readonly routes: readonly Route[];
  /** Gets what no other channel gets. */
  readonly rest: Notifier;
}

const REST = "";

/**
 * One notifier out of several channels. The channel that the workload's annotation names gets a
 * message; else every channel with a route that fits; else the rest. Never nobody.
 */
export function routed({ named, routes, rest }: Channels, log: Log): Notifier {
  const groups = new Map<string, Notifier>();
  const groupOf = (names: readonly string[]): Notifier => {
    const key = names.join("\n");
    const known = groups.get(key);
    if (known !== undefined) return known;
    const ways = names.map((name) => ({ name: name || "the default channel", notifier: named.get(name) ?? rest }));
    const made = severally(ways, log);
    groups.set(key, made);
    return made;
  };
  return {
    async send(notice, signal) {
      const { route } = notice.audience ?? NOBODY;
      if (route !== null && !named.has(route))
        log.warn("a workload names a channel that is not configured", { channel: route, notice: notice.key });
      return groupOf(channelsOf(notice, { named, routes })).send(notice, signal);
    },
  };
}

/** Names of the channels that get a message; the empty name is the rest. */
function channelsOf(notice: Notice, { named, routes }: Pick<Channels, "named" | "routes">): readonly string[] {
  const { route } = notice.audience ?? NOBODY;
  if (route !== null && named.has(route)) return [route];
  const fitting = routes.filter((one) => fits(one, notice)).map(({ channel }) => channel);
  return fitting.length === 0 ? [REST] : [...new Set(fitting)].sort();
}

function fits({ namespaces, labels, outcomes }: Route, { audience = NOBODY, outcome }: Notice): boolean {
  if (outcomes.length > 0 && (outcome == null || !outcomes.includes(outcome))) return false;
  if (namespaces.length === 0 && labels.length === 0) return true;
  return audience.workloads.some(
    (one) =>
      (namespaces.length === 0 || namespaces.some((pattern) => matchesPattern(pattern, one.namespace))) &&
      selects(labels, one.labels),
  );
}
