/**
 * Bundles the entries into `dist`: few large files start faster and weigh less in memory than a
 * thousand small ones.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { BUNDLE } from "./lib/bundle.mjs";
import { ENTRIES } from "./lib/entries.mjs";
import { DIST, ROOT, TOOLCHAIN } from "./lib/paths.mjs";
import { Problem, report, say } from "./lib/problem.mjs";
import { STAMP, sourcesDigest } from "./lib/sources.mjs";
import { writeWindowsZones } from "./write-windows-zones.mjs";

function assertEntries() {
  const missing = Object.values(ENTRIES).filter((file) => !existsSync(join(ROOT, file)));
  if (missing.length > 0)
    throw new Problem(`no ${missing.join(", ")} to build`, "check the paths in scripts/lib/entries.mjs");
}

const bundle = (outdir) =>
  build({
    ...BUNDLE,
    entryPoints: ENTRIES,
    outdir,
    chunkNames: "[name]-[hash]",
    sourcemap: "external",
    legalComments: "linked",
    logLevel: "warning",
  });

/**
 * Puts the new files in place one by one, the entries last: a program that runs meanwhile never
 * finds a gap.
 */
function install(staging) {
  mkdirSync(DIST, { recursive: true });
  const isEntry = (name) => Object.keys(ENTRIES).some((entry) => name === `${entry}.mjs`);
  const names = readdirSync(staging).sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)));
  for (const name of names) renameSync(join(staging, name), join(DIST, name));
  for (const old of readdirSync(DIST)) {
    if (!names.includes(old)) rmSync(join(DIST, old), { recursive: true });
  }
}

/** How much there is, for people: all code, without maps and licences. */
function sizeOfDist() {
  const code = readdirSync(DIST).filter((name) => name.endsWith(".mjs"));
  const bytes = code.reduce((sum, name) => sum + statSync(join(DIST, name)).size, 0);
  return `${relative(ROOT, DIST)}: ${code.length} files, ${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

async function main() {
  assertEntries();
  writeWindowsZones();
  const digest = sourcesDigest();
  const staging = join(TOOLCHAIN, `build-${process.pid}`);
  try {
    await bundle(staging);
    install(staging);
    chmodSync(join(DIST, "aftershock.mjs"), 0o755);
    writeFileSync(STAMP, digest);
    say(`built ${sizeOfDist()}`);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (cause) {
  // esbuild has already printed its own errors
  if (!Array.isArray(cause?.errors)) report(cause);
  process.exitCode = 1;
}
