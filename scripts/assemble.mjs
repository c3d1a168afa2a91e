/**
 * `node scripts/assemble.mjs FOLDER`: puts everything that the program needs to run into FOLDER, and nothing else: the bundle, the rules
 * and the few packages that stay outside the bundle. With `--warm` it also fills the folder's compile cache, so that starting is quick
 * and small; the cache holds for this Node, for this user and for the folder where it lies.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
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

/** Loads every part of the bundle once, in a process of its own, with the cache on. */
function warm(folder) {
  const parts = readdirSync(join(folder, "dist")).filter((name) => name.endsWith(".mjs"));
  const quiet = parts.filter((name) => name !== "sandbox.mjs").map((name) => join(folder, "dist", name));
  const code = `for (const part of ${JSON.stringify(quiet)}) await import(part);`;
  const env = { ...process.env, NODE_COMPILE_CACHE: join(folder, "cache") };
  const { status } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], { env, stdio: "inherit" });
  if (status !== 0) throw new Problem("the bundle cannot be loaded", "see the error above");
}

try {
  const folder = process.argv.slice(2).find((argument) => !argument.startsWith("--"));
  if (folder === undefined) throw new Problem("no folder is named", "node scripts/assemble.mjs FOLDER");
  if (!isBuildCurrent())
    throw new Problem("dist is not built from these sources", `npm run build (${Object.keys(ENTRIES).join(", ")})`);
  copy(resolve(folder));
  if (process.argv.includes("--warm")) warm(resolve(folder));
} catch (cause) {
  report(cause);
  process.exitCode = 1;
}
