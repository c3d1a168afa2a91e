import type { ServiceId } from "../../core/model/cluster.ts";
import type { OwnFailures } from "../../core/model/failures.ts";
import type { Outcome } from "../../core/model/outcome.ts";
import type {
  AbortRule,
  EarlyAlertRule,
  Geometry,
  LabelRequirement,
  MinimumEffect,
  Mode,
  Policy,
  ServiceEffect,
} from "../../core/model/policy.ts";
import type { Retention } from "../../core/model/retention.ts";
import type { TeamBounds } from "../../core/model/team-policy.ts";
import type { Calendar } from "../../core/schedule/calendar.ts";
import type { LinkTemplate } from "../../core/text/link.ts";
import type { Secret } from "../values/secret.ts";

/** When messages that can wait are sent together, in the zone of messages. */
export interface DigestRule {
  readonly every: "hourly" | "daily";
  readonly cron: string;
  /** What is urgent waits, too. */
  readonly everything: boolean;
}

/**
 * The configuration as the program uses it: defaults filled in, secrets read, nothing left to
 * interpret.
 */
export interface Config {
  readonly cluster: string;
  readonly mode: Mode;
  /** Seed of the schedule: the same for every replica of one cluster. */
  readonly seed: number;
  readonly prometheus: {
    readonly url: string;
    readonly headers: Readonly<Record<string, Secret>>;
    readonly bearerToken: Secret | null;
    readonly tenant: string | null;
    /** Labels that go into every selector of every query. */
    readonly matchers: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    /**
     * PEM of the certificates to trust: no secret, but kept like one, to be read again when its
     * file changes.
     */
    readonly ca: Secret | null;
  };
  readonly kubernetes: {
    readonly context: string | null;
    readonly namespace: string | null;
    readonly lease: string;
    /** Whether nodes may be asked for; they belong to no namespace. */
    readonly nodes: "read" | "leave-out";
  };
  readonly slack: {
    readonly webhookUrl: Secret;
    /** By name. */
    readonly channels: Readonly<Record<string, Secret>>;
    readonly routes: readonly {
      readonly channel: string;
      readonly namespaces: readonly string[];
      readonly labels: readonly LabelRequirement[];
      readonly outcomes: readonly Outcome[];
    }[];
    /** Of webhookUrl. */
    readonly digest: DigestRule | null;
    /** Of channels, by name. */
    readonly digests: Readonly<Record<string, DigestRule>>;
  } | null;
  readonly alertmanager: {
    readonly urls: readonly string[];
    readonly headers: Readonly<Record<string, Secret>>;
    readonly timeoutMs: number;
  } | null;
  readonly webhook: { readonly url: Secret; readonly secret: Secret; readonly timeoutMs: number } | null;
  /** Where experiments are annotated, or null. */
  readonly grafana: { readonly url: string; readonly token: Secret; readonly timeoutMs: number } | null;
  readonly storage: { readonly url: Secret; readonly retention: Retention };
  readonly signals: string;
  /** Folders of one's own rules; null: only the shipped ones. */
  readonly rules: { readonly diagnosis: string | null; readonly risks: string | null };
  /** Each with its own mode, already capped by the global one. */
  readonly policies: readonly Policy[];
  /** What policies ask for that ask for more than the global mode, by name. */
  readonly askedModes: ReadonlyMap<string, Mode>;
  /** What teams may do in their own namespaces, or null: their policies are not read. */
  readonly teams: TeamBounds | null;
  readonly calendar: Calendar;
  /** Names and patterns that a policy reaches only by naming a namespace in full. */
  readonly protectedNamespaces: readonly string[];
  /** Services that Aftershock itself cannot do without, as far as the addresses tell. */
  readonly dependencies: readonly ServiceId[];
  readonly observation: { readonly geometry: Geometry; readonly historyMs: number };
  /** What a failed request is of single services. */
  readonly failures: OwnFailures;
  readonly effects: {
    readonly minimum: MinimumEffect;
    /** Services first, then namespaces: the first that matches holds. */
    readonly overrides: readonly ServiceEffect[];
  };
  readonly gates: {
    readonly lateAfterMs: number;
    readonly degradedShare: number;
    readonly degradedFailures: number;
    readonly degradedWindowMs: number;
    readonly openDamageMax: number;
  };
  /** PromQL label matchers of alerts that close the gate, or null. */
  readonly alerts: string | null;
  readonly abort: AbortRule | null;
  readonly earlyAlert: EarlyAlertRule | null;
  readonly report: { readonly cron: string; readonly timezone: string };
  readonly web: {
    readonly port: number;
    readonly host: string;
    readonly url: string | null;
    readonly hosts: readonly string[];
  };
  /** To other tools, for pages and messages. */
  readonly links: readonly LinkTemplate[];
  readonly log: { readonly level: "debug" | "info" | "warn" | "error"; readonly format: "json" | "text" };
}
