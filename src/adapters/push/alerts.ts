import { inZone } from "../../core/text/moment.ts";
import type { Notice, NoticeKind } from "../../core/text/notice.ts";
import { printable } from "../../core/text/printable.ts";

/**
 * An alert as Alertmanager takes it (API v2):
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt?: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/** Every alert of ours has this name. */
export const ALERT_NAME = "AftershockImpact";

/** A name of 10 kB is no label. */
const MAX_LABEL_CHARS = 253;
const MAX_TEXT_CHARS = 4_000;

const SEVERITY = { bad: "critical", warning: "warning", info: "info", good: "info" } as const;

/** Kinds that say what services do now; the others end an alert, or are no alert at all. */
const FIRING: readonly NoticeKind[] = ["early", "degraded", "still-down"];
const ENDING: readonly NoticeKind[] = ["all-clear", "recovered", "withdrawn"];

/** Whether a notice is about services that fail. */
export const isAlert = ({ kind, experimentId }: Notice): boolean =>
  experimentId !== null && (FIRING.includes(kind) || ENDING.includes(kind));

/**
 * What a notice says of each of its services: the alerts that hold until `untilMs`. Empty when it
 * says that they are well again.
 */
export function firingAlerts(notice: Notice, cluster: string, untilMs: number): Alert[] {
  return FIRING.includes(notice.kind) ? notice.impact.map((part) => alertOf(notice, part, cluster, untilMs)) : [];
}

/** Services of which a notice takes back what was said; null: all of its experiment. */
export const withdrawnServices = ({ kind, impact }: Notice): readonly string[] | null =>
  kind === "withdrawn" ? impact.map(({ service }) => service) : null;

function alertOf(notice: Notice, part: Notice["impact"][number], cluster: string, untilMs: number): Alert {
  const [namespace = "", name = ""] = part.service.split("/", 2);
  const { timezone = "UTC", command, sinceMs, link, audience } = notice;
  const text = (words: string): string => cut(inZone(words, timezone), MAX_TEXT_CHARS);
  const findings = notice.findings.map(({ title }) => title).join("; ");
  return {
    labels: labels({
      alertname: ALERT_NAME,
      cluster,
      namespace,
      service: name,
      outcome: notice.outcome ?? "pending",
      experiment: notice.experimentId ?? "",
      severity: SEVERITY[notice.severity],
      owner: audience?.owner ?? "",
    }),
    annotations: {
      summary: text(`${part.service}: ${part.short ?? part.line}`),
      description: text(notice.cause ?? notice.summary),
      ...(command === undefined ? {} : { command: text(command) }),
      ...(findings === "" ? {} : { findings: text(findings) }),
    },
    ...(sinceMs === undefined ? {} : { startsAt: new Date(sinceMs).toISOString() }),
    endsAt: new Date(untilMs).toISOString(),
    ...(link === null ? {} : { generatorURL: link }),
  };
}

/** A label without a value is none. */
const labels = (all: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === "" ? [] : [[name, cut(value, MAX_LABEL_CHARS)]])),
  );

function cut(text: string, most: number): string {
  const plain = printable(text);
  return plain.length <= most ? plain : `${plain.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
