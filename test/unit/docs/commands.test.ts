import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommanderError } from "commander";
import { describe, expect, test } from "vitest";
import { buildProgram } from "../../../src/main/program.ts";
import { type Commands, commandsOf, mentionsOf } from "./commands.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** The tutorial has a test of its own, which runs it. */
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md") && name !== "tutorial.md")
    .map((name) => `docs/${name}`),
];
const SCRIPTS = Object.keys((JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts);

const NEEDS_MORE = ["commander.missingArgument", "commander.missingMandatoryOptionValue"];

/** What the program says of a command line of its own; null when it takes it. */
async function refusalOf(words: readonly string[]): Promise<string | null> {
  const said: string[] = [];
  const out = (text: string) => void said.push(text);
  const io = { env: {}, cwd: ROOT, out, err: out, log: out } as unknown as Parameters<typeof buildProgram>[0];
  try {
    await buildProgram(io, () => {}).parseAsync([...words], { from: "user" });
    return null;
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    // prose names a command without all that it needs
    const isShort = words.length === 1 && NEEDS_MORE.includes(cause.code);
    return cause.exitCode === 0 || isShort ? null : said.join("");
  }
}

const blocks = DOCUMENTS.flatMap((path) => commandsOf(path, read(path)));

describe("a block of commands in the documents", () => {
  test("is found at all", () => expect(blocks.length).toBeGreaterThan(15));

  test.each(blocks.map((block) => ({ ...block, place: `${block.path}:${block.line}` })))(
    "$place is run by a test, or says why not",
    (block: Commands) => {
      expect(block.runBy.length > 0 || block.notRun !== null).toBe(true);
      for (const path of block.runBy) expect(existsSync(join(ROOT, path)), path).toBe(true);
      const texts = block.runBy.map(read).join("\n");
      if (block.notRun === null) for (const word of block.salient) expect(texts, word).toContain(word);
    },
  );
});

const ours = DOCUMENTS.flatMap((path) => mentionsOf(path, read(path)));

test.each(ours)("the program takes `aftershock $line` of $path", async ({ words }) => {
  expect(await refusalOf(words)).toBe(null);
});

test.each(
  blocks.flatMap(({ path, commands }) =>
    commands.flatMap((line) => [...line.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, name = ""]) => ({ path, name }))),
  ),
)("npm run $name of $path is a script", ({ name }) => expect(SCRIPTS).toContain(name));

test.each(
  blocks.flatMap(({ path, commands }) =>
    commands.flatMap((line) => [...line.matchAll(/\bdeploy\/[\w/.-]+/g)].map(([file]) => ({ path, file }))),
  ),
)("$file, which a command of $path names, is there", ({ file }) => {
  // `deploy/aftershock` is a Deployment
  if (file !== "deploy/aftershock") expect(existsSync(join(ROOT, file))).toBe(true);
});

test("a command that the program does not have, and an option, are noticed", async () => {
  expect(await refusalOf(["findigs"])).toContain("findigs");
  expect(await refusalOf(["findings", "--untill", "2026-12-04"])).toContain("--untill");
});
