import type { IncomingWebhookSendArguments } from "@slack/webhook";
import type { Notice } from "../../core/text/notice.ts";
import { findingTitle, noticeInBrief, SEVERITY_MARK } from "../../core/text/notice-text.ts";
import { printable } from "../../core/text/printable.ts";
import {
  escapeMrkdwn,
  MAX_BLOCKS,
  MAX_CONTEXT_ELEMENTS,
  MAX_FALLBACK_CHARS,
  MAX_HEADER_CHARS,
  MAX_SECTION_CHARS,
  truncate,
} from "./limits.ts";

type Blocks = NonNullable<IncomingWebhookSendArguments["blocks"]>;
type Block = Blocks[number];

/** More findings than this are only counted: the page has them all. */
const MAX_FINDINGS = 8;

/** The message as Slack takes it: blocks within all limits, and a text for notifications and for clients that show no blocks. */
export function slackMessage(notice: Notice): IncomingWebhookSendArguments {
  return {
    text: truncate(escapeMrkdwn(noticeInBrief(notice)), MAX_FALLBACK_CHARS),
    blocks: blocksOf(notice).slice(0, MAX_BLOCKS),
    unfurl_links: false,
    unfurl_media: false,
  };
}

function blocksOf(notice: Notice): Blocks {
  const shown = notice.findings.slice(0, MAX_FINDINGS);
  const more = notice.findings.length - shown.length;
  return [
    header(`${SEVERITY_MARK[notice.severity]} ${notice.title}`),
    section(escapeMrkdwn(notice.summary)),
    ...impactBlocks(notice.impact),
    ...(shown.length > 0 ? [{ type: "divider" } as const] : []),
    ...shown.map(findingBlock),
    ...(more > 0 ? [section(`_… and ${more} more._`)] : []),
    ...contextBlocks(notice),
  ];
}

const header = (text: string): Block => ({
  type: "header",
  text: { type: "plain_text", text: truncate(printable(text), MAX_HEADER_CHARS), emoji: true },
});

const section = (mrkdwn: string): Block => ({
  type: "section",
  text: { type: "mrkdwn", text: truncate(mrkdwn, MAX_SECTION_CHARS) },
});

/** As many lines as one section holds; the rest is counted. */
function impactBlocks(impact: Notice["impact"]): Block[] {
  if (impact.length === 0) return [];
  const lines = impact.map(({ service, line }) => `• *${escapeMrkdwn(service)}*: ${escapeMrkdwn(line)}`);
  let text = "";
  for (const [i, line] of lines.entries()) {
    const rest = `\n… and ${lines.length - i} more`;
    if (text.length + line.length + 1 + rest.length > MAX_SECTION_CHARS) return [section(text + rest)];
    text += text === "" ? line : `\n${line}`;
  }
  return [section(text)];
}

function findingBlock(finding: Notice["findings"][number]): Block {
  const { why, now, fix } = finding;
  const lines = [
    `*${escapeMrkdwn(findingTitle(finding))}*`,
    ...(why === "" ? [] : [escapeMrkdwn(why)]),
    ...(now === null ? [] : [`*Now:* \`${escapeMrkdwn(now)}\``]),
    ...(fix.length === 0 ? [] : ["*Fix:*", ...fix.map((text) => `• ${escapeMrkdwn(text)}`)]),
  ];
  return section(lines.join("\n"));
}

function contextBlocks({ context, link, kind, experimentId }: Notice): Block[] {
  const linkText = kind === "weekly" ? "Open the report" : experimentId === null ? "Open" : "Open the experiment";
  const texts = context.map((text) => truncate(escapeMrkdwn(text), MAX_SECTION_CHARS));
  if (link !== null) texts.push(`<${linkTarget(link)}|${linkText}>`);
  if (texts.length === 0) return [];
  const elements = texts.slice(-MAX_CONTEXT_ELEMENTS).map((text) => ({ type: "mrkdwn", text }) as const);
  return [{ type: "context", elements }];
}

/** A link ends at `|` or `>`. */
const linkTarget = (url: string): string => escapeMrkdwn(url).replaceAll("|", "%7C");
