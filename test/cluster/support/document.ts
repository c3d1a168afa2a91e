/** One block of commands of a document, as its test runs it. */
export interface Block {
  /** Number of the line on which its commands begin. */
  readonly line: number;
  readonly commands: readonly string[];
  /** Why no test can run it; null when one can. */
  readonly notHere: string | null;
  /** Notes for the test: `wait for a past`, `exit code 1`, `target go-app/repeater`. */
  readonly notes: readonly string[];
}

const NOTE = /^<!-- (test|not on the lab): (.*?) -->$/;

/**
 * The `sh` blocks of a Markdown document, each with the comment that stands on the line before it.
 */
export function blocksOf(markdown: string): readonly Block[] {
  const lines = markdown.split("\n");
  return lines.flatMap((text, i): Block[] => {
    if (text !== "```sh") return [];
    const end = lines.indexOf("```", i);
    const [, kind, said = ""] = NOTE.exec(lines[i - 1] ?? "") ?? [];
    return [
      {
        line: i + 2,
        commands: lines.slice(i + 1, end).filter((one) => one.trim() !== ""),
        notHere: kind === "not on the lab" ? said : null,
        notes: kind === "test" ? said.split("; ") : [],
      },
    ];
  });
}
