import type { Notice } from "../../core/text/notice.ts";
import { noticeText } from "../../core/text/notice-text.ts";
import type { Notifier } from "../../ports/notifier.ts";

/** Prints the message as it would look in Slack, in a frame, where no webhook is configured (and in the demo). */
export function consoleNotifier(write: (text: string) => void, width = 100): Notifier {
  return {
    async send(notice) {
      write(framed(notice, width));
      return "sent";
    },
  };
}

function framed(notice: Notice, width: number): string {
  const lines = withoutControls(noticeText(notice, width - 2)).split("\n");
  return ["┌─ Slack", ...lines.map((line) => `│ ${line}`.trimEnd()), "└─", ""].join("\n");
}

/** What came from a cluster must not steer the terminal; line breaks are ours. */
const withoutControls = (text: string): string =>
  [...text].map((c) => ((c < " " && c !== "\n") || (c >= "\u007f" && c <= "\u009f") ? " " : c)).join("");
