import type { ServiceId } from "../../../core/model/cluster.ts";
import type { Signal } from "../../../core/model/verdict.ts";
import type { Matchers } from "../signals/matchers.ts";
import type { Signals } from "../signals/signals.ts";
import type { Account } from "./books.ts";
import type { Copies } from "./copies.ts";
import { coveredShare, type Distribution } from "./distribution.ts";
import type { Wanted } from "./latency.ts";
import type { Tally } from "./tally.ts";

/** Why signals of a service cannot be read. */
export type Unread = Partial<Record<Signal, string>>;

const ALL: readonly Signal[] = ["failures", "latency", "rate", "connections"];

/** What to look for when a label is missing: who can have taken it out. */
export const whereLabelsGo = (labels: readonly string[]): string =>
  `look for ${labels.join(", ")} under metrics[].overrides[].tagOverrides (operation: REMOVE) of Telemetry resources, and for a labeldrop or a recording rule that leaves ${labels.length === 1 ? "it" : "them"} out`;

/**
 * Why no service can be read: counters of several clusters that nobody told apart; null otherwise.
 */
export function whichCluster(
  values: ReadonlyMap<string, ReadonlySet<string>>,
  matchers: Matchers,
  signals: Signals,
): string | null {
  const labels = [...signals.labels.clusters, ...Object.values(signals.labels.ownCluster)];
  if (labels.some((label) => label !== undefined && label in matchers)) return null;
  for (const [label, seen] of values) {
    if (seen.size < 2) continue;
    const names = [...seen].map((value) => (value === "" ? "(none)" : value)).sort();
    return `Prometheus has the mesh of several clusters (${label}: ${names.slice(0, 5).join(", ")}): choose one with prometheus.matchers: { ${label}: … }`;
  }
  return null;
}

/** What of one service cannot be read, and why; empty for most. */
export function unreadOf(service: ServiceId, accounts: readonly Account[], facts: UnreadFacts): Unread {
  const { everything, copies, readings, distribution, cannotLeaveOut } = facts;
  const all = everything ?? copies.unclear.get(service) ?? null;
  if (all !== null) return Object.fromEntries(ALL.map((signal) => [signal, all]));
  const unread: Unread = {};
  const of = (protocol: "http" | "tcp"): string[] => [
    ...new Set(accounts.flatMap((one) => [...(one[protocol]?.lacks ?? [])])),
  ];
  const [http, tcp] = [of("http"), of("tcp")];
  if (http.length > 0) unread.failures = `its request counters lack ${http.join(", ")}: ${whereLabelsGo(http)}`;
  if (tcp.length > 0) unread.connections = `its connection counters lack ${tcp.join(", ")}: ${whereLabelsGo(tcp)}`;
  const reading = readings.get(service);
  const reported = reading && distribution.get(service)?.get(reading.reporter);
  const covered = coveredShare(reported);
  if ((reported?.unlabelled ?? 0) > 0) {
    const labels = facts.codes;
    unread.latency = `its latency buckets do not say which requests failed (${labels.join(", ")}): ${whereLabelsGo(labels)}`;
  } else if (covered !== null && !cannotLeaveOut) {
    unread.latency = `its latency histograms count ${Math.round(100 * covered)} % of its successful requests: have all its proxies keep the same form, classic buckets or native histograms, and look for rules that drop some`;
  } else if (cannotLeaveOut) {
    unread.latency =
      "some proxies are scraped by several jobs and others are not, so that their latency buckets cannot be counted once: scrape each proxy by one job";
  }
  return unread;
}

export interface UnreadFacts {
  /** Why nothing at all can be read. */
  readonly everything: string | null;
  readonly copies: Copies;
  readonly readings: Wanted;
  readonly distribution: Distribution;
  /** Labels of which one tells whether a request failed. */
  readonly codes: readonly string[];
  /** Duplicates are there and no matcher leaves them out. */
  readonly cannotLeaveOut: boolean;
}

export const codesOf = ({ failure }: Signals): readonly string[] => failure.any.map(({ label }) => label);

/** Why no service of a tally can be read. */
export const whyNothing = (tally: Tally, matchers: Matchers, signals: Signals): string | null =>
  whichCluster(tally.raw.clusters.seen, matchers, signals);
