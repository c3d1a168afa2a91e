/**
 * Prints the modules of a folder of `src` as a table: how many there are, how deep their imports
 * go, and how many imports lead from one module to another. A module is a subfolder, or a file that
 * lies in the folder itself.
 *
 *     node scripts/node.mjs scripts/modules.ts src/app src/core/judge
 */
import { join } from "node:path";
import { type Modules, modulesOf } from "../test/architecture/modules.ts";
import { factsOf, readSources } from "../test/architecture/source.ts";

const ROOT = join(import.meta.dirname, "..");
const DEFAULT_FOLDERS = [
  "src/app",
  "src/core/judge",
  "src/core",
  "src/adapters/kubernetes",
  "src/adapters/prometheus",
  "src/config",
  "src/main",
];

const files = readSources(ROOT, "src").map((file) => ({ path: file.path, facts: factsOf(file) }));
const asked = process.argv.slice(2);
const folders = asked.length > 0 ? asked : DEFAULT_FOLDERS;

const row = (cells: readonly (string | number)[]): string => `| ${cells.join(" | ")} |`;
const figures = (folder: string, { modules, depth, imports, largest }: Modules): string =>
  row([folder, modules.length, depth, imports.length, `${largest.folder} (${largest.files})`]);

console.log(row(["folder", "modules", "import depth", "imports between modules", "largest folder (files)"]));
console.log(row(["---", "---:", "---:", "---:", "---"]));
for (const folder of folders) console.log(figures(folder, modulesOf(folder, files)));
if (asked.length > 0) {
  for (const folder of folders) {
    console.log(`\n${folder}: the modules in the order of their imports, the deepest first`);
    for (const { name, level, needs } of modulesOf(folder, files).modules)
      console.log(`${String(level).padStart(3)}  ${name}${needs.length > 0 ? ` → ${needs.join(", ")}` : ""}`);
  }
}
