/**
 * `node scripts/assemble.mjs FOLDER`: puts everything that the program needs to run into FOLDER,
 * and nothing else: the bundle and the rules.
 */
import { cpSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ENTRIES } from "./lib/entries.mjs";
import { DIST, ROOT } from "./lib/paths.mjs";
import { Problem, report } from "./lib/problem.mjs";
import { isBuildCurrent } from "./lib/sources.mjs";

/** What nothing reads at run time. */
const SUPERFLUOUS = /\.map$/;

function copy(folder) {
  mkdirSync(folder, { recursive: true });
  const needed = (path) => !SUPERFLUOUS.test(path);
  cpSync(DIST, join(folder, "dist"), {
    recursive: true,
    filter: (path) => needed(path) && basename(path) !== ".sources",
  });
  for (const name of ["rules", "package.json", "LICENSE"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
}

try {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Problem("no folder is named", "node scripts/assemble.mjs FOLDER");
  if (!isBuildCurrent())
    throw new Problem("dist is not built from these sources", `npm run build (${Object.keys(ENTRIES).join(", ")})`);
  copy(resolve(folder));
} catch (cause) {
  report(cause);
  process.exitCode = 1;
}
