import type { ServiceId } from "../../core/model/cluster.ts";
import type {
  AbortRule,
  EarlyAlertRule,
  Geometry,
  MinimumEffect,
  Mode,
  Policy,
  ServiceEffect,
} from "../../core/model/policy.ts";
import type { TeamBounds } from "../../core/model/team-policy.ts";
import type { Calendar } from "../../core/schedule/calendar.ts";
import type { LinkTemplate } from "../../core/text/link.ts";
import type { GateLimits } from "./facts.ts";

/** What the use cases need of the configuration that holds now. */
export interface Settings {
  readonly cluster: string;
  readonly mode: Mode;
  /**
   * Each with its own mode, already capped by the global one; those of teams among them, as
   * `shop.orders`.
   */
  readonly policies: readonly Policy[];
  /** What teams may do in their own namespaces; null or absent: their policies are not read. */
  readonly teams?: TeamBounds | null;
  readonly calendar: Calendar;
  /** Seed of the schedule: the same for every replica of one cluster. */
  readonly seed: number;
  readonly geometry: Geometry;
  readonly minimumEffect: MinimumEffect;
  readonly effects: readonly ServiceEffect[];
  readonly historyMs: number;
  readonly abort: AbortRule | null;
  /** Null or absent: no early alerts. */
  readonly earlyAlert?: EarlyAlertRule | null;
  readonly protectedNamespaces: readonly string[];
  /** Services that Aftershock itself cannot do without. */
  readonly dependencies: readonly ServiceId[];
  readonly limits: GateLimits;
  /** PromQL label matchers of alerts that close the gate, or null. */
  readonly alerts: string | null;
  /** IANA zone in which messages and reports tell times. */
  readonly timezone: string;
  /** Where the dashboard is reached, for links in messages. */
  readonly dashboardUrl: string | null;
  /** Links to other tools, for pages and messages; absent: none. */
  readonly links?: readonly LinkTemplate[];
}
