import type { Outcome } from "../../core/model/outcome.ts";
import type { LabelRequirement } from "../../core/model/policy.ts";
import { matchesPattern, selects } from "../../core/targeting/selector.ts";
import { NOBODY, type Notice, type NoticeKind } from "../../core/text/notice.ts";
import type { Log } from "../../ports/log.ts";
import type { Delivery, Digest, Notifier } from "../../ports/notifier.ts";
import { severally } from "./severally.ts";

/** That a channel gets what is not urgent together. */
export interface DigestRule {
  readonly cron: string;
  /** What is urgent waits, too. */
  readonly everything: boolean;
}

/** Which messages a channel gets: those for which all that is named fits. */
export interface Route {
  readonly channel: string;
  /** Names or patterns; empty: any. */
  readonly namespaces: readonly string[];
  readonly labels: readonly LabelRequirement[];
  /** Empty: any, and also before there is one. */
  readonly outcomes: readonly Outcome[];
  /** Null or absent: each message by itself. */
  readonly digest?: DigestRule | null;
}

export interface Channels {
  /** By name. */
  readonly named: ReadonlyMap<string, Notifier>;
  readonly routes: readonly Route[];
  /** Gets what no other channel gets. */
  readonly rest: Notifier;
  /** Of the rest; null or absent: each message by itself. */
  readonly restDigest?: DigestRule | null;
}

const REST = "";
const HELD: Delivery = "held";
/** What a digest can tell from the journal. */
const GATHERED: readonly NoticeKind[] = ["early", "degraded", "all-clear", "recovered", "still-down"];

/**
 * One notifier out of several channels. The channel that the workload's annotation names gets a
 * message; else every channel with a route that fits; else the rest. Never nobody. A channel that
 * gets a message by routes that all ask for a digest gets it then, unless it is urgent.
 */
export function routed(channels: Channels, log: Log): Notifier {
  const { named, rest } = channels;
  const groups = new Map<string, Notifier>();
  const wayTo = (name: string): Notifier => named.get(name) ?? rest;
  const groupOf = (names: readonly string[]): Notifier => {
    const key = names.join("\n");
    const known = groups.get(key);
    if (known !== undefined) return known;
    const ways = names.map((name) => ({ name: name || "the default channel", notifier: wayTo(name) }));
    const made = severally(ways, log);
    groups.set(key, made);
    return made;
  };
  return {
    async send(notice, signal) {
      const { route } = notice.audience ?? NOBODY;
      if (route !== null && !named.has(route))
        log.warn("a workload names a channel that is not configured", { channel: route, notice: notice.key });
      const now = [...channelsOf(notice, channels)].flatMap(([name, digest]) =>
        digest !== null && waits(notice, digest) ? [] : name,
      );
      return now.length === 0 ? HELD : groupOf(now.sort()).send(notice, signal);
    },
    digests: digestsOf(channels, wayTo),
  };
}

/** Each channel with a digest once for each way in which it is asked for. */
function digestsOf(channels: Channels, wayTo: (name: string) => Notifier): readonly Digest[] {
  const asked = [
    ...channels.routes.map(({ channel, digest }) => ({ channel, digest })),
    { channel: REST, digest: channels.restDigest },
  ].flatMap(({ channel, digest }) => (digest == null ? [] : [{ channel, digest }]));
  const once = new Map(asked.map((one) => [`${one.channel} ${one.digest.cron}`, one] as const));
  return [...once.values()].map(({ channel, digest }) => ({
    channel,
    cron: digest.cron,
    everything: asked.some((one) => one.channel === channel && one.digest.everything),
    holds(notice) {
      const held = channelsOf(notice, channels).get(channel);
      return held?.cron === digest.cron && waits(notice, held);
    },
    send: (notice, signal) => wayTo(channel).send(notice, signal),
  }));
}

/** Only what was judged to be over may wait: nobody has to act on it. */
const waits = ({ kind, atOnce }: Notice, { everything }: DigestRule): boolean =>
  everything ? GATHERED.includes(kind) : kind === "degraded" && atOnce !== true;

/**
 * Channels that get a message, and the digest in which; null: by itself. The empty name is the
 * rest.
 */
function channelsOf(notice: Notice, { named, routes, restDigest }: Channels): ReadonlyMap<string, DigestRule | null> {
  const { route } = notice.audience ?? NOBODY;
  if (route !== null && named.has(route)) return new Map([[route, null]]);
  const found = new Map<string, DigestRule | null>();
  for (const one of routes.filter((each) => fits(each, notice))) {
    const digest = one.digest ?? null;
    found.set(one.channel, found.get(one.channel) === null ? null : digest);
  }
  return found.size === 0 ? new Map([[REST, restDigest ?? null]]) : found;
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
