/**
 * Names every retired phrase and every comment wider than 100 columns, with its place.
 * docs/glossary.md says what is written instead. Exit code 1 when there is one.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { ROOT } from "./lib/paths.mjs";
import { retiredIn, wideCommentsIn } from "./lib/words.mjs";

const FOLDERS = [".github", "bench", "deploy", "docs", "rules", "scripts", "src", "test"];
const FILES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];
/** They name the retired phrases, or quote what was decided in the words of its day. */
const EXEMPT = [
  /^docs\/glossary\.md$/,
  /^docs\/decisions\//,
  /^scripts\/lib\/words\.mjs$/,
  /^test\/unit\/scripts\/words/,
];

const inFolder = (folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|mjs|md|ya?ml|tpl|txt)$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));

const paths = [...FILES, ...FOLDERS.flatMap(inFolder)].filter((path) => !EXEMPT.some((one) => one.test(path)));
const found = paths.flatMap((path) => {
  const text = readFileSync(join(ROOT, path), "utf8");
  const wide = /\.(tsx?|mjs)$/.test(path) ? wideCommentsIn(text) : [];
  return [...retiredIn(text), ...wide].map(({ line, says }) => `${path}:${line}: ${says}`);
});
for (const one of found) process.stdout.write(`${one}\n`);
process.stdout.write(`${paths.length} files read, ${found.length} to mend\n`);
process.exitCode = found.length === 0 ? 0 : 1;
