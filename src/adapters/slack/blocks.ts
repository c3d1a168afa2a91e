import type { IncomingWebhookSendArguments } from "@slack/webhook";
import { formatTime } from "../../core/text/format.ts";
import { inZone, withMoments } from "../../core/text/moment.ts";
import type { Notice } from "../../core/text/notice.ts";
import { noticeInBrief, SEVERITY_MARK } from "../../core/text/notice-text.ts";
import { printable } from "../../core/text/printable.ts";
import { briefOf, MAX_LINKS } from "./brief.ts";
import { escapeMrkdwn, MAX_FALLBACK_CHARS, MAX_HEADER_CHARS, MAX_SECTION_CHARS, truncate } from "./limits.ts";

type Blocks = NonNullable<IncomingWebhookSendArguments["blocks"]>;
type Block = Blocks[number];

/**
 * The message as Slack takes it: blocks within all limits, and a text for notifications and for
 * clients that show no blocks.
 */
export function slackMessage(notice: Notice): IncomingWebhookSendArguments {
  return {
    text: truncate(escapeMrkdwn(noticeInBrief(notice)), MAX_FALLBACK_CHARS),
    blocks: blocksOf(notice),
    unfurl_links: false,
    unfurl_media: false,
  };
}

/**
 * Read in ten seconds: the impact, one sentence of cause, what to run, before and now, and where
 * the rest is.
 */
function blocksOf(notice: Notice): Blocks {
  const { title, cause, command, lines, context } = briefOf(notice);
  const { timezone = "UTC" } = notice;
  const zoned = (text: string) => slackText(text, timezone);
  return [
    header(`${SEVERITY_MARK[notice.severity]} ${inZone(title, timezone)}`),
    ...(cause === "" ? [] : [section(zoned(cause))]),
    ...(command === null
      ? []
      : [section(`*${command.label}:* \`${escapeMrkdwn(command.text).replaceAll("`", "'")}\``)]),
    ...(lines.length === 0 ? [] : [section(lines.map((line) => `• ${zoned(line)}`).join("\n"))]),
    contextBlock([...context.map(zoned), ...mentionOf(notice.audience?.owner ?? null), ...linkOf(notice)]),
  ].filter((block) => block !== null);
}

const header = (text: string): Block => ({
  type: "header",
  text: { type: "plain_text", text: truncate(printable(text), MAX_HEADER_CHARS), emoji: true },
});

const section = (mrkdwn: string): Block => ({
  type: "section",
  text: { type: "mrkdwn", text: truncate(mrkdwn, MAX_SECTION_CHARS) },
});

const contextBlock = (texts: readonly string[]): Block | null =>
  texts.length === 0 ? null : { type: "context", elements: texts.map((text) => ({ type: "mrkdwn", text }) as const) };

/**
 * Escaped, and with moments that each reader sees in the own zone:
 * https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
const slackText = (text: string, timezone: string): string =>
  withMoments(escapeMrkdwn(text), (atMs) => {
    const fallback = `${formatTime(atMs, timezone)} ${timezone}`;
    return `<!date^${Math.floor(atMs / 1000)}^{date_short_pretty} {time_secs}|${fallback}>`;
  });

/** A link ends at `|` or `>`. */
const linkTarget = (url: string): string => escapeMrkdwn(url).replaceAll("|", "%7C");

function linkOf({ link, kind, experimentId, links = [] }: Notice): string[] {
  const text = kind === "weekly" ? "Open the report" : experimentId === null ? "Open" : "Details";
  const own = link === null ? [] : [{ name: text, url: link }];
  const all = [...own, ...links.slice(0, MAX_LINKS)];
  if (all.length === 0) return [];
  return [all.map(({ name, url }) => `<${linkTarget(url)}|${escapeMrkdwn(name).replaceAll("|", "/")}>`).join(" · ")];
}

/**
 * Slack ids are mentioned; other names are told.
 * https://docs.slack.dev/messaging/formatting-message-text#mentioning-users
 */
function mentionOf(owner: string | null): string[] {
  if (owner === null) return [];
  if (/^[UW][A-Z0-9]{6,20}$/.test(owner)) return [`Owner: <@${owner}>`];
  if (/^S[A-Z0-9]{6,20}$/.test(owner)) return [`Owner: <!subteam^${owner}>`];
  return [`Owner: ${truncate(escapeMrkdwn(owner), 60)}`];
}
