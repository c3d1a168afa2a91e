import type { slackMessage } from "../../src/adapters/slack/blocks.ts";

type Message = ReturnType<typeof slackMessage>;

/**
 * A page that shows a message about as Slack does: its blocks, word for word, in plain shapes of
 * our own. Not Slack's style sheet, which is nobody's to copy.
 */
export function slackPage({ blocks = [] }: Message): string {
  return `<!doctype html><meta charset="utf-8"><style>${STYLE}</style>
<main><i aria-hidden="true">A</i><div><b>Aftershock</b> <small>APP</small>${blocks.map(blockHtml).join("")}</div></main>`;
}

const STYLE = `
body{margin:0;background:#fff;color:#1d1c1d;font:15px/1.47 system-ui,"DejaVu Sans",sans-serif}
main{display:flex;gap:10px;padding:18px 22px;max-width:760px}main>i{flex:none;width:38px;height:38px;border-radius:8px;background:#b04a00;color:#fff;
font:600 20px/38px system-ui,"DejaVu Sans",sans-serif;text-align:center}small{background:#e8e8e8;border-radius:3px;padding:1px 4px;font-size:10px}
h1{font-size:18px;line-height:1.33;margin:8px 0}p{margin:8px 0;white-space:pre-line}
code{background:#f3f3f3;border:1px solid #ddd;border-radius:3px;padding:1px 4px;font:13px "DejaVu Sans Mono",monospace;color:#a3123f;overflow-wrap:anywhere}
.mark{display:inline-block;width:15px;height:15px;border-radius:50%;vertical-align:-1px}.bad{background:#dd2e44}.warning{background:#f4900c}.info{background:#55acee}
.context{color:#616061;font-size:13px;display:flex;flex-wrap:wrap;gap:2px 12px}a{color:#1264a3}`;

type Block = NonNullable<Message["blocks"]>[number];

/** Slack's own type of any other block takes every string as its kind. */
const isOf = <Kind extends string>(block: Block, kind: Kind): block is Extract<Block, { type: Kind }> =>
  block.type === kind;

/** Kinds of blocks that our messages have; any other is a mistake. */
function blockHtml(block: Block): string {
  if (isOf(block, "header")) return `<h1>${marked(escaped(block.text.text))}</h1>`;
  if (isOf(block, "section") && block.text) return `<p>${mrkdwnHtml(block.text.text)}</p>`;
  if (!isOf(block, "context")) throw new Error(`a block that is not shown: ${block.type}`);
  const texts = block.elements.flatMap((one) =>
    "text" in one ? [`<span>${mrkdwnHtml(String(one.text))}</span>`] : [],
  );
  return `<p class="context">${texts.join("")}</p>`;
}

const MARK_COLOURS: Readonly<Record<string, string>> = { "🔴": "bad", "🟠": "warning", "🔵": "info" };

/** The round marks are drawn: a machine without a font of emoji has none. */
const marked = (html: string): string =>
  html.replace(/^\p{Extended_Pictographic}/u, (mark) => {
    const colour = MARK_COLOURS[mark];
    return colour === undefined ? mark : `<i class="mark ${colour}"></i>`;
  });

const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/**
 * Slack's own markup, which has `&`, `<` and `>` escaped already:
 * https://docs.slack.dev/messaging/formatting-message-text
 */
const mrkdwnHtml = (text: string): string =>
  text
    .replace(/<!date\^\d+\^[^|>]*\|([^>]*)>/g, "$1")
    .replace(/<(https?:[^|>]*)\|([^>]*)>/g, '<a href="$1">$2</a>')
    .replace(/`([^`]*)`/g, "<code>$1</code>")
    .replace(/(^|\s)\*([^*\n]+)\*/g, "$1<b>$2</b>");
