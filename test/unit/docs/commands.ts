/** One block of commands of a document. */
export interface Commands {
  readonly path: string;
  /** Number of its first line. */
  readonly line: number;
  readonly commands: readonly string[];
  /** Files of tests that run it, from the comments before it. */
  readonly runBy: readonly string[];
  /** Why no test runs it; null when one does. */
  readonly notRun: string | null;
  /** What the file of the test must contain: folders of manifests, our own commands. */
  readonly salient: readonly string[];
}

/** Programs whose names begin a command in our documents. */
const PROGRAMS =
  /^(aftershock|in-pod|alias|kubectl|helm|docker|kind|istioctl|npm|npx|node|curl|cosign|git|aws|gcloud|az)\b/;
const COMMENT = /^<!-- (run by|not run by a test:) (.*?) -->$/;
const OWN = /(?:\baftershock|\bin-pod|dist\/aftershock\.mjs) ([a-z-]+)/g;

/** Blocks of commands, indented or fenced, with the comments around them. */
export function commandsOf(path: string, markdown: string): readonly Commands[] {
  const lines = markdown.split("\n");
  const blocks: Commands[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^```(sh|console|bash)$/.test(lines[i]!);
    if (!fence && !isCommand(lines[i]!)) continue;
    const from = fence ? i + 1 : i;
    let to = from;
    while (to < lines.length && (fence ? lines[to] !== "```" : lines[to]!.startsWith("    "))) to++;
    const commands = lines.slice(from, to).map((text) => text.trim().replace(/\s+#.*$/, ""));
    blocks.push({
      path,
      line: from + 1,
      commands,
      ...notesAround(lines, fence ? i : from, fence ? to + 1 : to),
      salient: salientOf(commands),
    });
    i = to;
  }
  return blocks;
}

const isCommand = (line: string): boolean => line.startsWith("    ") && PROGRAMS.test(line.slice(4));

/** The comments on the lines around a block. */
function notesAround(lines: readonly string[], from: number, to: number): Pick<Commands, "runBy" | "notRun"> {
  const isNote = (text: string | undefined): text is string =>
    text !== undefined && (text === "" || COMMENT.test(text));
  const notes: string[] = [];
  for (let i = from - 1; isNote(lines[i]); i--) notes.push(lines[i]!);
  for (let i = to; isNote(lines[i]); i++) notes.push(lines[i]!);
  const said = notes.flatMap((text) => COMMENT.exec(text)?.slice(1, 3) ?? []);
  const of = (kind: string): readonly string[] => said.flatMap((text, i) => (said[i - 1] === kind ? [text] : []));
  return {
    runBy: of("run by").flatMap((text) => text.split(", ")),
    notRun: of("not run by a test:")[0] ?? null,
  };
}

function salientOf(commands: readonly string[]): readonly string[] {
  const text = commands.join("\n");
  const own = [...text.matchAll(OWN)].map(([, name = ""]) => name);
  const folders = [...text.matchAll(/-k deploy\/\w+\/([\w-]+)/g)].map(([, name = ""]) => name);
  return [...new Set([...own, ...folders])];
}

/** Every command line of our own in a document, in blocks and in code between words. */
export function mentionsOf(path: string, markdown: string) {
  const spans = [...markdown.matchAll(/`aftershock ([^`|]+)[^`]*`/g)].map(([, line = ""]) => line);
  const inBlocks = commandsOf(path, markdown).flatMap(({ commands }) =>
    commands.flatMap((text) =>
      [...text.matchAll(/(?:^aftershock|in-pod|dist\/aftershock\.mjs) ([a-z-]+[^|&]*)/g)].map(([, line = ""]) => line),
    ),
  );
  return [...new Set([...spans, ...inBlocks])]
    .filter((line) => !line.includes("…"))
    .map((line) => ({ path, line: line.trim(), words: wordsOf(line) }));
}

/** Words as a shell gives them to a program, quotes taken off. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain ?? "");
