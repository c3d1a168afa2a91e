import type { IncomingWebhookSendArguments } from "@slack/webhook";
import { moment } from "../../src/core/text/moment.ts";
import type { Notice } from "../../src/core/text/notice.ts";

const AT_MS = Date.parse("2026-03-06T09:15:00Z");
const IMPACT = Array.from({ length: 10 }, (_, i) => ({
  service: `shop/service-with-a-name-${i}`,
  line: "50 % of requests failed (before: 0 %), not recovered · 3,017 failed requests",
  short: "before 0 %, now 50 % of requests fail; 3,017 requests failed",
}));
const BASE: Notice = {
  kind: "degraded",
  key: "e:degraded",
  experimentId: "go-app-pods-20260306T091500Z",
  severity: "bad",
  title: "go-app fails 50 % of requests",
  cause: `A pod of go-app-db was deleted on purpose at ${moment(AT_MS)}; go-app does not reconnect to go-app-db.`,
  summary: "A pod of go-app-db was deleted.",
  command: "kubectl rollout restart deployment go-app -n go-app",
  impact: IMPACT.slice(0, 2),
  findings: [],
  context: [],
  link: "https://aftershock.example/experiments/e",
  timezone: "Europe/Berlin",
  audience: { owner: "payments", route: null, workloads: [] },
};

/** Messages with a command, from a usual one to the worst. */
export const notices = (): readonly Notice[] => [
  BASE,
  {
    ...BASE,
    kind: "early",
    command: 'aftershock halt "WHY"',
    cause: `${BASE.cause} Kubernetes replaces the pod. Verdict: ${moment(AT_MS)}.`,
  },
  { ...BASE, kind: "still-down", title: "go-app and repeater have been worse for 4 h" },
  { ...BASE, impact: IMPACT },
  { ...BASE, cause: "word ".repeat(500), title: "title ".repeat(100) },
];

/** Words as a reader sees them: dates rendered, links by their text. */
export function slackFigures(messages: readonly IncomingWebhookSendArguments[]) {
  const words = messages.map(({ blocks = [] }) => wordsOf(blocks as readonly Block[]));
  return {
    slack_words: Math.max(...words.map((one) => one.length)),
    command_at_word: Math.max(...words.map((one) => one.findIndex((word) => word.startsWith("`")) + 1)),
  };
}

interface Block {
  readonly text?: { readonly text: string };
  readonly elements?: readonly { readonly text: string }[];
}

const wordsOf = (blocks: readonly Block[]): readonly string[] =>
  blocks
    .flatMap(({ text, elements = [] }) => [text?.text ?? "", ...elements.map((one) => one.text)])
    .join(" ")
    .replace(/<!date[^>]*>/g, "Mar 6th at 10:15:00")
    .replace(/<[^|>]*\|([^>]*)>/g, "$1")
    .split(/\s+/)
    .filter((word) => word !== "" && word !== "•");
