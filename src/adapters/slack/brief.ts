import type { Notice } from "../../core/text/notice.ts";
import { commandLabel, findingTitle } from "../../core/text/notice-text.ts";
import { printable } from "../../core/text/printable.ts";

/**
 * A message is read in ten seconds: no more words than these, links and small print counted; the
 * weekly report and a digest may have a few more.
 */
export const MAX_WORDS = 100;
export const MAX_WEEKLY_WORDS = 120;
/** The command stands within the first words. */
const MAX_WORDS_BEFORE_COMMAND = 40;
/** Words for owner and link. */
const RESERVED_WORDS = 16;
/** A single word (a name of 10 kB) is no longer than this. */
const MAX_WORD_CHARS = 80;
const MAX_TITLE_WORDS = 14;
/** Links to other tools that a message has room for. */
export const MAX_LINKS = 2;

export interface Brief {
  readonly title: string;
  readonly cause: string;
  readonly command: { readonly label: string; readonly text: string } | null;
  readonly lines: readonly string[];
  readonly context: readonly string[];
}

/**
 * What of a notice fits into so few words: the most important first, and what does not fit is on
 * the page.
 */
export function briefOf(notice: Notice): Brief {
  const most = notice.kind === "weekly" || notice.kind === "digest" ? MAX_WEEKLY_WORDS : MAX_WORDS;
  const title = words(notice.title, MAX_TITLE_WORDS);
  const command = notice.command === undefined ? null : { label: commandLabel(notice.command), text: notice.command };
  // the mark before the title, an ellipsis, and the label
  const before = MAX_WORDS_BEFORE_COMMAND - count(title) - 3 - count(command?.label ?? "");
  // a link is told by its name, with a dot before it
  const linked = (notice.links ?? []).slice(0, MAX_LINKS).reduce((sum, { name }) => sum + count(name) + 1, 0);
  let left = most - RESERVED_WORDS - linked - count(title) - (command === null ? 0 : count(command.text) + 3);
  const cause = words(
    notice.cause ?? notice.summary,
    command === null ? Math.max(0, left - 30) : Math.min(before, left),
  );
  left -= count(cause);
  const context = notice.experimentId === null ? [] : [words(notice.experimentId, 1)];
  const lines: string[] = [];
  for (const line of linesOf(notice)) {
    const short = clean(line);
    if (count(short) + 1 > left) break;
    left -= count(short) + 1;
    lines.push(short);
  }
  const more = linesOf(notice).length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  return { title, cause, command, lines, context };
}

/** Figures of each service, then findings that the cause does not name. */
const linesOf = ({ impact, findings, cause = "" }: Notice): readonly string[] => [
  ...impact.map(({ service, line, short }) => `${service}: ${short ?? line}`),
  ...findings.filter(({ title }) => !cause.includes(title)).map(findingTitle),
];

/** A moment is told as `Mar 6th at 10:15:00`, or shorter. */
const WORDS_OF_MOMENT = 4;

/** Words as a reader counts them. */
const count = (text: string): number =>
  text
    .split(/\s+/)
    .filter((word) => word !== "")
    .reduce((sum, word) => sum + (word.includes("\uE000") ? WORDS_OF_MOMENT : 1), 0);

const clean = (text: string): string =>
  printable(text)
    .split(/\s+/)
    .filter((word) => word !== "")
    .map((word) => (word.length > MAX_WORD_CHARS ? `${word.slice(0, MAX_WORD_CHARS - 1)}…` : word))
    .join(" ");

/** At most `most` words, with an ellipsis where some were left out. */
function words(text: string, most: number): string {
  const all = clean(text).split(" ");
  let fits = 0;
  for (let sum = 0; fits < all.length; fits++) {
    sum += count(all[fits] ?? "");
    if (sum > most) break;
  }
  return fits === all.length ? all.join(" ") : `${all.slice(0, fits).join(" ")} …`;
}
