import * as z from "zod";
import { inZone } from "../../core/text/moment.ts";
import type { Notice } from "../../core/text/notice.ts";
import { printable } from "../../core/text/printable.ts";

/** Identifies the schema of the data; the file is rules/notice.schema.json. */
export const DATA_SCHEMA = "https://aftershock.dev/schemas/notice-v1.json";

const KINDS = [
  "early",
  "degraded",
  "all-clear",
  "recovered",
  "still-down",
  "withdrawn",
  "weekly",
  "refused",
  "operational",
] as const satisfies readonly Exclude<Notice["kind"], "digest">[];

/** The notice in plain text. Keys are only ever added; anything else is a new version. */
const DATA = z
  .strictObject({
    kind: z.enum(KINDS).describe("What the message is about."),
    cluster: z.string(),
    experiment: z.string().nullable().describe("Id of the experiment; null: it is about none."),
    severity: z.enum(["good", "warning", "bad", "info"]),
    outcome: z
      .enum(["unaffected", "recovered", "not recovered", "unknown"])
      .nullable()
      .describe("Null before the verdict, and where there is none."),
    since: z.iso.datetime().nullable().describe("When the fault was injected."),
    owner: z.string().nullable().describe("From aftershock.dev/owner of the workload."),
    title: z.string().describe("The impact, in a few words."),
    cause: z.string().describe("One sentence: what caused it."),
    summary: z.string(),
    command: z.string().nullable().describe("What to run now."),
    services: z.array(z.strictObject({ service: z.string().describe("namespace/name"), says: z.string() })),
    findings: z.array(
      z.strictObject({
        title: z.string(),
        why: z.string(),
        now: z.string().nullable().describe("What helps at once."),
        fix: z.array(z.string()).describe("What to change."),
        status: z.enum(["new", "known", "regressed", "fixed"]).nullable(),
        handled: z.string().nullable().describe("Muted until when, accepted or assigned, by whom and why."),
      }),
    ),
    context: z.array(z.string()).describe("Small print."),
    link: z.string().nullable().describe("The page with the details."),
    links: z
      .array(z.strictObject({ name: z.string(), url: z.string() }))
      .describe("Other tools at the time of the experiment, as configured."),
  })
  .meta({ $id: DATA_SCHEMA, title: "Message of Aftershock" });

export type NoticeData = z.output<typeof DATA>;

/** The JSON Schema of the data, as it is kept in the repository. */
export const noticeJsonSchema = (): object => z.toJSONSchema(DATA);

/**
 * A CloudEvents 1.0 event in structured mode:
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md
 */
export interface CloudEvent {
  readonly specversion: "1.0";
  /** With the source the same for the same news, however often it is sent. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly dataschema: string;
  readonly data: NoticeData;
}

export function cloudEvent(notice: Notice, cluster: string, nowMs: number): CloudEvent {
  return {
    specversion: "1.0",
    id: printable(notice.key).replaceAll(/[^!-~]/g, "_"),
    source: `/aftershock/${encodeURIComponent(cluster)}`,
    type: `dev.aftershock.${notice.kind}.v1`,
    ...(notice.experimentId === null ? {} : { subject: notice.experimentId }),
    time: new Date(nowMs).toISOString(),
    datacontenttype: "application/json",
    dataschema: DATA_SCHEMA,
    data: dataOf(notice, cluster),
  };
}

function dataOf(notice: Notice, cluster: string): NoticeData {
  const { timezone = "UTC", kind } = notice;
  if (kind === "digest") throw new RangeError("a digest is for channels; a webhook gets each message");
  const text = (words: string): string => printable(inZone(words, timezone));
  return {
    kind,
    cluster,
    experiment: notice.experimentId,
    severity: notice.severity,
    outcome: notice.outcome ?? null,
    since: notice.sinceMs === undefined ? null : new Date(notice.sinceMs).toISOString(),
    owner: notice.audience?.owner == null ? null : text(notice.audience.owner),
    title: text(notice.title),
    cause: text(notice.cause ?? notice.summary),
    summary: text(notice.summary),
    command: notice.command === undefined ? null : text(notice.command),
    services: notice.impact.map(({ service, line }) => ({ service: text(service), says: text(line) })),
    findings: notice.findings.map(({ title, why, now, fix, status, handled }) => ({
      title: text(title),
      why: text(why),
      now: now === null ? null : text(now),
      fix: fix.map(text),
      status: status ?? null,
      handled: handled === undefined ? null : text(handled),
    })),
    context: notice.context.map(text),
    link: notice.link,
    links: (notice.links ?? []).map(({ name, url }) => ({ name: text(name), url })),
  };
}
