import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DIST, ROOT } from "./paths.mjs";

/**
 * What the bundle is made from. `rules` is not in it: the bundle reads that folder when it runs.
 */
const INPUTS = [
  "src",
  "scripts/build.mjs",
  "scripts/lib/entries.mjs",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];
/** Written last: a build that was interrupted has none, or an old one. */
export const STAMP = join(DIST, ".sources");

function* filesUnder(path) {
  if (!existsSync(join(ROOT, path))) return;
  const children = readdirSync(join(ROOT, path), { withFileTypes: true });
  for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = `${path}/${child.name}`;
    if (child.isDirectory()) yield* filesUnder(name);
    else yield name;
  }
}

/** One figure for the content of all sources. */
export function sourcesDigest() {
  const hash = createHash("sha256");
  for (const input of INPUTS) {
    const names = input.includes(".") ? [input] : filesUnder(input);
    for (const name of names)
      hash
        .update(`${name}\0`)
        .update(readFileSync(join(ROOT, name)))
        .update("\0");
  }
  return hash.digest("hex");
}

/** Was `dist` built from the sources as they are now? */
export function isBuildCurrent() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === sourcesDigest();
}
