/**
 * All checks that need no run of the program: types, format and lint, unused code, words,
 * architecture. Each is run, whatever the others say.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { ROOT } from "./lib/paths.mjs";

const tool = (path, ...args) => [join(ROOT, "node_modules", path), ...args];

const CHECKS = {
  types: tool("typescript/bin/tsc", "-p", "."),
  "format and lint": tool("@biomejs/biome/bin/biome", "check", "--error-on-warnings"),
  "unused code": tool("knip/bin/knip.js"),
  words: [join(ROOT, "scripts/check-words.mjs")],
  architecture: tool("vitest/vitest.mjs", "run", "test/architecture"),
};

const failed = Object.entries(CHECKS).filter(([name, args]) => {
  process.stdout.write(`\n── ${name}\n`);
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit" }).status !== 0;
});
process.stdout.write(
  failed.length === 0 ? "\nall checks passed\n" : `\nfailed: ${failed.map(([name]) => name).join(", ")}\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
