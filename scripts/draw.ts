/**
 * Draws files of `src` by a seed, for the reader test: open each for 30 seconds and say in one
 * sentence what it does. One that cannot be described needs a better name, a better comment, or to
 * be two files. Prints of each what a reader meets first: the lines after its imports.
 *
 *     node scripts/node.mjs scripts/draw.ts 7
 *     node scripts/node.mjs scripts/draw.ts 7 45 24      seed, files, lines of each
 */
import { join } from "node:path";
import { nextIndex, randomFrom } from "../src/core/random.ts";
import { readSources, type SourceFile } from "../test/architecture/source.ts";

const DEFAULTS = { seed: 1, files: 45, lines: 16 };

const [seed = DEFAULTS.seed, count = DEFAULTS.files, lines = DEFAULTS.lines] = process.argv.slice(2).map(Number);
const random = randomFrom(seed);
const left = readSources(join(import.meta.dirname, ".."), "src").toSorted((a, b) => (a.path < b.path ? -1 : 1));

for (let i = 1; i <= count && left.length > 0; i++) {
  const [file] = left.splice(nextIndex(left.length, random), 1);
  if (file !== undefined) console.log(`\n── ${i} ${file.path}\n${opening(file, lines)}`);
}

/** What stands after the imports, but the comment of the file itself first where it has one. */
function opening({ text }: SourceFile, most: number): string {
  const body = text.replaceAll(/^import [^;]*;\n/gm, "").trimStart();
  return body.split("\n").slice(0, most).join("\n");
}
