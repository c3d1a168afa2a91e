import type { Outcome } from "../../core/model/outcome.ts";
import type { LabelRequirement } from "../../core/model/policy.ts";
import { matchesPattern, selects } from "../../core/targeting/selector.ts";
import { NOBODY, type Notice, type NoticeKind } from "../../core/text/notice.ts";
import type { Log } from "../../ports/log.ts";
import type { Delivery, Digest, Notifier } from "../../ports/notifier.ts";
import { sendToAll } from "./send-to-all.ts";

/** When the digest of a channel is sent, and whether urgent messages wait for it. */
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
}

export interface Channels {
  /** By name. */
  readonly named: ReadonlyMap<string, Notifier>;
  readonly routes: readonly Route[];
  /** Gets what no other channel gets. */
  readonly rest: Notifier;
  /** By name; a channel without one gets each message by itself. */
  readonly digests?: ReadonlyMap<string, DigestRule>;
  /** Of the rest. */
  readonly restDigest?: DigestRule | null;
}

const REST = "";
const HELD: Delivery = "held";
/** What a digest can tell from the journal. */
const GATHERED: readonly NoticeKind[] = ["early", "degraded", "all-clear", "recovered", "still-down"];

/**
 * Sends each message to the channel in the workload's annotation, else to all routes that match,
 * else to the default channel. A channel with a digest holds messages that are not urgent.
 */
export function routed(channels: Channels, log: Log): Notifier {
  const { named, rest, restDigest } = channels;
  const digests = new Map(channels.digests);
  if (restDigest != null) digests.set(REST, restDigest);
  const groups = new Map<string, Notifier>();
  const notifierFor = (name: string): Notifier => named.get(name) ?? rest;
  const groupOf = (names: readonly string[]): Notifier => {
    const key = names.join("\n");
    const known = groups.get(key);
    if (known !== undefined) return known;
    const ways = names.map((name) => ({ name: name || "the default channel", notifier: notifierFor(name) }));
    const made = sendToAll(ways, log);
    groups.set(key, made);
    return made;
  };
  return {
    async send(notice, signal) {
      const { route } = notice.audience ?? NOBODY;
      if (route !== null && !named.has(route))
        log.warn("a workload names a channel that is not configured", { channel: route, notice: notice.key });
      const now = channelsOf(notice, channels).filter((name) => !waits(notice, digests.get(name)));
      return now.length === 0 ? HELD : groupOf(now.sort()).send(notice, signal);
    },
    digests: [...digests].map(
      ([channel, digest]): Digest => ({
        channel,
        cron: digest.cron,
        everything: digest.everything,
        holds: (notice) => channelsOf(notice, channels).includes(channel) && waits(notice, digest),
        send: (notice, signal) => notifierFor(channel).send(notice, signal),
      }),
    ),
  };
}

/** Only what was judged to be over may wait: nobody has to act on it. */
function waits({ kind, atOnce }: Notice, digest: DigestRule | undefined): boolean {
  if (digest === undefined) return false;
  return digest.everything ? GATHERED.includes(kind) : kind === "degraded" && atOnce !== true;
}

/** Channels that get a message, each once; the empty name is the rest. */
function channelsOf(notice: Notice, { named, routes }: Channels): string[] {
  const { route } = notice.audience ?? NOBODY;
  if (route !== null && named.has(route)) return [route];
  const found = new Set(routes.filter((one) => fits(one, notice)).map(({ channel }) => channel));
  return found.size === 0 ? [REST] : [...found];
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
