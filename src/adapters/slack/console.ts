import { inZone } from "../../core/text/moment.ts";
import type { Notice } from "../../core/text/notice.ts";
import { noticeText, SEVERITY_MARK } from "../../core/text/notice-text.ts";
import { printable } from "../../core/text/printable.ts";
import { wrap } from "../../core/text/wrap.ts";
import type { Notifier } from "../../ports/notifier.ts";
import { briefOf } from "./brief.ts";

/** Prints everything that is known, in a frame: where no way out is configured. */
export const consoleNotifier = (write: (text: string) => void, width = 100): Notifier =>
  printing(write, "message", (notice) => noticeText(notice, width - 2));

/** Prints the message as Slack shows it, in a frame: for the demo. */
export const slackPreview = (write: (text: string) => void, width = 100): Notifier =>
  printing(write, "Slack", (notice) => briefText(notice, width - 2));

const printing = (write: (text: string) => void, way: string, textOf: (notice: Notice) => string): Notifier => ({
  async send(notice) {
    const lines = printable(textOf(notice)).split("\n");
    write([`┌─ ${way}`, ...lines.map((line) => `│ ${line}`.trimEnd()), "└─", ""].join("\n"));
    return "sent";
  },
});

/** What stands in the blocks of a message, and the link under them. */
function briefText(notice: Notice, width: number): string {
  const { title, cause, command, lines, context } = briefOf(notice);
  const { timezone = "UTC", link } = notice;
  const zoned = (text: string): string => inZone(text, timezone);
  const parts = [
    wrap(`${SEVERITY_MARK[notice.severity]} ${zoned(title)}`, width, "", "   "),
    cause === "" ? [] : wrap(zoned(cause), width, "   "),
    command === null ? [] : [`   ${command.label}: ${command.text}`],
    lines.flatMap((line) => wrap(zoned(line), width, "   • ", "     ")),
    [...context.map(zoned), ...(link === null ? [] : [link])].map((text) => `   ${text}`),
  ];
  return parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n");
}
