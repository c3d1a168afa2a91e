import type { Notice } from "../../core/text/notice.ts";
import { noticeText } from "../../core/text/notice-text.ts";
import { printable } from "../../core/text/printable.ts";
import type { Notifier } from "../../ports/notifier.ts";

/**
 * Prints the message as it would look in Slack, in a frame, where no webhook is configured (and in
 * the demo).
 */
export function consoleNotifier(write: (text: string) => void, width = 100): Notifier {
  return {
    async send(notice) {
      write(framed(notice, width));
      return "sent";
    },
  };
}

function framed(notice: Notice, width: number): string {
  const lines = printable(noticeText(notice, width - 2)).split("\n");
  return ["┌─ Slack", ...lines.map((line) => `│ ${line}`.trimEnd()), "└─", ""].join("\n");
}
