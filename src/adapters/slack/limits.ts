import { printable } from "../../core/text/printable.ts";

/** https://docs.slack.dev/reference/block-kit/blocks/header-block */
export const MAX_HEADER_CHARS = 150;
/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
export const MAX_SECTION_CHARS = 3_000;
/** The fallback is cut at 40,000 by Slack; nobody reads a notification that long. */
export const MAX_FALLBACK_CHARS = 3_000;
/** One message a second for each webhook: https://docs.slack.dev/apis/web-api/rate-limits */
export const MIN_SPACING_MS = 1_100;

/**
 * Slack's own three characters, and no others:
 * https://docs.slack.dev/messaging/formatting-message-text
 */
export const escapeMrkdwn = (text: string): string =>
  printable(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/**
 * At most `max` UTF-16 units, with an ellipsis where something was cut; never half an entity or
 * half a character. One over-long text makes Slack refuse the whole message.
 */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text
    .slice(0, max - 1)
    .replace(/&[a-z]{0,3}$/, "")
    .replace(/[\uD800-\uDBFF]$/, "")}…`;
}
