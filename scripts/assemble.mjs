/**
 * `node scripts/assemble.mjs FOLDER`: puts everything that the program needs to run into FOLDER, and nothing else: the bundle, the rules
 * and the few packages that stay outside the bundle.
 */
import { cpSync, existsSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { ENTRIES, EXTERNAL } from "./lib/entries.mjs";
import { DIST, NODE_MODULES, ROOT } from "./lib/paths.mjs";
import { Problem, report } from "./lib/problem.mjs";
import { isBuildCurrent } from "./lib/sources.mjs";

/** Parts of packages that nothing reads at run time: maps, types, sources, PostgreSQL extensions that we do not load. */
const SUPERFLUOUS = /\.(map|cjs|d\.ts|d\.cts|tar\.gz|md)$|\/src$/;

function copy(folder) {
  mkdirSync(folder, { recursive: true });
  const needed = (path) => !SUPERFLUOUS.test(path);
  cpSync(DIST, join(folder, "dist"), {
    recursive: true,
    filter: (path) => needed(path) && basename(path) !== ".sources",
  });
  for (const name of ["rules", "package.json", "LICENSE"])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  for (const name of EXTERNAL.filter((pattern) => existsSync(join(NODE_MODULES, pattern)))) {
    cpSync(join(NODE_MODULES, name), join(folder, "node_modules", name), { recursive: true, filter: needed });
  }
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
