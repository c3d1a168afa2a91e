import { describe, expect, test } from "vitest";
import { slackMessage } from "../../../src/adapters/slack/blocks.ts";
import { briefOf, MAX_WORDS } from "../../../src/adapters/slack/brief.ts";
import { consoleNotifier, slackPreview } from "../../../src/adapters/slack/console.ts";
import { escapeMrkdwn, truncate } from "../../../src/adapters/slack/limits.ts";
import { noticesFor } from "../../../src/core/report/notices.ts";
import { inZone } from "../../../src/core/text/moment.ts";
import { NOBODY, type Notice } from "../../../src/core/text/notice.ts";
import { expectGolden } from "../../support/golden.ts";
import { noticeInput } from "../../support/notices.ts";

const story = noticesFor(noticeInput())[0] as Notice;

interface Text {
  readonly type: string;
  readonly text: string;
}
interface Block {
  readonly type: string;
  readonly text?: Text;
  readonly elements?: readonly Text[];
}
const blocksOf = (notice: Notice): readonly Block[] => slackMessage(notice).blocks as unknown as readonly Block[];

/** Every limit of Slack's that a message of ours could break. */
function expectWithinLimits(notice: Notice): void {
  const blocks = blocksOf(notice);
  expect(blocks.length).toBeLessThanOrEqual(50);
  for (const { type, text, elements } of blocks) {
    if (text !== undefined) {
      expect(text.text.length).toBeGreaterThan(0);
      expect(text.text.length).toBeLessThanOrEqual(type === "header" ? 150 : 3_000);
      expect(text.text).not.toMatch(/&[a-z]{0,3}…/);
    }
    expect(elements?.length ?? 0).toBeLessThanOrEqual(10);
  }
  expect(slackMessage(notice).text?.length).toBeLessThanOrEqual(40_000);
  expect(slackMessage(notice).text).not.toBe("");
}

describe("a message for Slack", () => {
  test("is what the golden file says", () =>
    expectGolden("slack/database-lost.json", JSON.stringify(slackMessage(story), null, 2)));

  test.each<{ name: string; notice: Notice }>([
    { name: "the story", notice: story },
    { name: "a title of a thousand characters", notice: { ...story, title: "x".repeat(1_000) } },
    { name: "a summary full of what must be escaped", notice: { ...story, summary: "<&>".repeat(2_000) } },
    {
      name: "three hundred services",
      notice: {
        ...story,
        impact: Array.from({ length: 300 }, (_, i) => ({
          service: `shop/service-${i}`,
          line: "99 % of requests failed",
        })),
      },
    },
    {
      name: "a hundred findings with long advice",
      notice: {
        ...story,
        findings: Array.from({ length: 100 }, () => ({
          title: "t",
          why: "&".repeat(4_000),
          now: "n",
          fix: ["f".repeat(4_000)],
        })),
      },
    },
    {
      name: "forty lines of small print",
      notice: { ...story, context: Array.from({ length: 40 }, () => "y".repeat(5_000)) },
    },
    { name: "nothing but a title", notice: { ...story, impact: [], findings: [], context: [], link: null } },
  ])("stays within all limits: $name", ({ notice }) => expectWithinLimits(notice));

  test("counts the services that did not fit", () => {
    const impact = Array.from({ length: 300 }, (_, i) => ({ service: `shop/service-${i}`, line: "failed" }));
    const texts = blocksOf({ ...story, impact, findings: [] }).map((block) => block.text?.text ?? "");
    const shown = texts.find((text) => text.startsWith("• ")) ?? "";
    const more = Number(/and (\d+) more$/.exec(shown)?.[1]);
    expect(shown.split("\n").length - 1 + more).toBe(300);
  });

  test("the link of the weekly report does not promise an experiment", () => {
    const weekly = { ...story, kind: "weekly", experimentId: null } as const;
    expect(blocksOf(weekly).at(-1)?.elements?.at(-1)?.text).toMatch(/\|Open the report>$/);
  });

  const wordsOf = (notice: Notice): readonly string[] =>
    blocksOf(notice)
      .flatMap(({ text, elements = [] }) => [text?.text ?? "", ...elements.map((one) => one.text)])
      .map((text) => text.replace(/<!date[^>]*>/g, "on a certain day").replace(/<[^|>]*\|([^>]*)>/g, "$1"))
      .join(" ")
      .split(/\s+/)
      .filter((word) => word !== "" && word !== "•");
  const HOSTILE = "x\u202e<>`*_~".repeat(700);
  const many = Array.from({ length: 10 }, (_, i) => ({ ...story.impact[0]!, service: `shop/${HOSTILE}${i}` }));
  const early: Notice = { ...story, kind: "early", command: 'aftershock halt "WHY"' };
  test.each<{ name: string; notice: Notice }>([
    { name: "the story", notice: story },
    { name: "an early alert", notice: early },
    { name: "ten services at once", notice: { ...story, impact: many } },
    { name: "a cause of a thousand words", notice: { ...story, cause: "word ".repeat(1_000) } },
    { name: "a title of 10 kB and a cause of one word of 10 kB", notice: { ...story, title: HOSTILE, cause: HOSTILE } },
    { name: "an owner of a hundred words", notice: { ...story, audience: { ...NOBODY, owner: "own er ".repeat(50) } } },
  ])("is read in ten seconds: $name", ({ notice }) => {
    const words = wordsOf(notice);
    expect(words.length, words.join(" ")).toBeLessThanOrEqual(100);
    const at = words.findIndex((word) => word.startsWith("`"));
    expect(at, words.slice(0, 45).join(" ")).toBeGreaterThan(0);
    expect(at).toBeLessThan(40);
    expect(words.join(" ")).not.toMatch(/[\u202A-\u202E]/);
    expectWithinLimits(notice);
  });

  test("begins with the impact, and tells moments in the reader's own zone", () => {
    const [header, cause] = blocksOf(story);
    expect(header?.text?.text).toBe("🔴 go-app fails 50 % of requests");
    expect(cause?.text?.text).toBe(
      "A pod of go-app-db was deleted on purpose at <!date^1772788500^{date_short_pretty} {time_secs}|2026-03-06 10:15:00 Europe/Berlin>; go-app does not reconnect to go-app-db.",
    );
  });

  test.each([
    { owner: "U012ABCDEF", says: "Owner: <@U012ABCDEF>" },
    { owner: "S012ABCDEF", says: "Owner: <!subteam^S012ABCDEF>" },
    { owner: "payments <!channel>", says: "Owner: payments &lt;!channel&gt;" },
  ])("names the owner $owner as $says", ({ owner, says }) => {
    const { elements = [] } = blocksOf({ ...story, audience: { ...NOBODY, owner } }).at(-1) ?? {};
    expect(elements.map(({ text }) => text)).toContain(says);
  });

  test("the link keeps its address whole, whatever is in it", () => {
    const link = blocksOf({ ...story, link: "http://a.example/?x=1&y=|z" })
      .at(-1)
      ?.elements?.at(-1)?.text;
    expect(link).toBe("<http://a.example/?x=1&amp;y=%7Cz|Details>");
  });
});

describe("texts for Slack", () => {
  test("escape Slack's three characters and no others", () =>
    expect(escapeMrkdwn(`a<b>&"'*`)).toBe(`a&lt;b&gt;&amp;"'*`));

  test.each([
    { name: "short stays", text: "abc", max: 3, expected: "abc" },
    { name: "long is cut with an ellipsis", text: "abcdef", max: 4, expected: "abc…" },
    { name: "an entity is never cut in two", text: "ab&amp;", max: 6, expected: "ab…" },
    { name: "nor is an emoji", text: "ab😀cd", max: 4, expected: "ab…" },
  ])("$name", ({ text, max, expected }) => expect(truncate(text, max)).toBe(expected));
});

test.each([
  { name: "without any way out, all of a message is printed", way: consoleNotifier, golden: "message" },
  { name: "the demo prints a message as Slack shows it", way: slackPreview, golden: "preview" },
])("$name", async ({ way, golden }) => {
  let printed = "";
  const notifier = way((text) => {
    printed += text;
  }, 80);
  expect(await notifier.send(story, AbortSignal.timeout(1_000))).toBe("sent");
  expectGolden(`slack/database-lost-${golden}.txt`, printed);
});

test("the preview has the words of the blocks, and no others", async () => {
  let printed = "";
  const preview = slackPreview((text) => {
    printed += text;
  });
  await preview.send(story, AbortSignal.timeout(1_000));
  const bare = (text: string): string => text.replace(/[│┌└─•\s]+/g, " ");
  const { title, cause, command, lines } = briefOf(story);
  for (const text of [title, cause, command?.text ?? "", ...lines]) {
    expect(bare(printed)).toContain(bare(inZone(text, story.timezone ?? "UTC")));
  }
  expect(bare(printed).split(" ").length).toBeLessThanOrEqual(MAX_WORDS + 5);
});

test("what came from a cluster does not steer the terminal", async () => {
  const lines: string[] = [];
  const notifier = consoleNotifier((text) => lines.push(text));
  await notifier.send({ ...story, title: "a\u001b[31mb\rc", summary: "d\u009be" }, AbortSignal.timeout(1_000));
  for (const control of ["\u001b", "\r", "\u009b"]) expect(lines.join("")).not.toContain(control);
});
