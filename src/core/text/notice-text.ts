import { inZone } from "./moment.ts";
import type { Notice } from "./notice.ts";
import { wrap } from "./wrap.ts";

/** A mark for each severity that reads without colour, too. */
export const SEVERITY_MARK: Readonly<Record<Notice["severity"], string>> = {
  bad: "🔴",
  warning: "🟠",
  good: "✅",
  info: "🔵",
};

const STATUS_WORD = {
  new: "",
  known: " (known)",
  regressed: " (it was fixed, and is back)",
  fixed: " (fixed)",
} as const;

/** A finding's headline; only one that is not new says so, and one that people decided about. */
export const findingTitle = ({ title, status, handled }: Notice["findings"][number]): string =>
  `${title}${status === undefined ? "" : STATUS_WORD[status]}${handled === undefined ? "" : `; ${handled}`}`;

/** The same in two sentences, for a notification, and for clients that show nothing else. */
export function noticeInBrief({ severity, title, cause, summary, command, timezone = "UTC" }: Notice): string {
  const now = command === undefined ? "" : ` ${commandLabel(command)}: ${command}`;
  return inZone(`${SEVERITY_MARK[severity]} ${title}. ${cause ?? summary}${now}`, timezone);
}

/** What a command is for: a halt is no cure. */
export const commandLabel = (command: string): string =>
  command.startsWith("aftershock halt") ? "To stop everything" : "Now";

/** A notice as plain text for a terminal or an e-mail. Ends without a line break. */
export function noticeText(notice: Notice, width = 100): string {
  const { timezone = "UTC", command } = notice;
  const lines = [...wrap(`${SEVERITY_MARK[notice.severity]} ${notice.title}`, width, "", "   ")];
  lines.push(...wrap(inZone(notice.summary, timezone), width, "   "));
  if (command !== undefined && notice.findings.every(({ now }) => now !== command))
    lines.push(`   ${commandLabel(command)}: ${command}`);
  if (notice.impact.length > 0) lines.push("");
  for (const { service, line } of notice.impact) lines.push(...wrap(`${service}: ${line}`, width, "   • ", "     "));
  for (const [i, finding] of notice.findings.entries()) {
    if (i === 0 || finding.why !== "") lines.push("");
    lines.push(...findingLines(finding, width));
  }
  if (notice.context.length > 0) lines.push("");
  for (const text of notice.context) lines.push(...wrap(inZone(text, timezone), width, "   "));
  if (notice.link !== null) lines.push(`   ${notice.link}`);
  for (const { name, url } of notice.links ?? []) lines.push(`   ${name}: ${url}`);
  return lines.join("\n");
}

function findingLines(finding: Notice["findings"][number], width: number): string[] {
  return [
    ...wrap(findingTitle(finding), width, "   ▸ ", "     "),
    ...(finding.why === "" ? [] : wrap(finding.why, width, "     ")),
    ...(finding.now === null ? [] : [`     Now: ${finding.now}`]),
    ...finding.fix.flatMap((fix, i) => wrap(fix, width, i === 0 ? "     Fix: " : "          ", "          ")),
  ];
}
