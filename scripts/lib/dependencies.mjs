import { readFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { npmCi } from "./npm.mjs";
import { NODE_MODULES, ROOT } from "./paths.mjs";
import { say } from "./problem.mjs";

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return null;
  }
}

/**
 * Are the packages those of package-lock.json? Compares what npm says it installed with what is
 * wanted, so that neither a new checkout nor a copied folder confuses it as file times would.
 * Packages of other platforms may be missing.
 */
export function areDependenciesCurrent() {
  const wanted = readLock(join(ROOT, "package-lock.json"));
  const installed = readLock(join(NODE_MODULES, ".package-lock.json"));
  if (wanted === null || installed === null) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === "") return true;
    const there = installed[path];
    return there === undefined ? optional === true : there.version === version;
  });
}

/** Installs what package-lock.json names, with `node`, unless it is there. */
export async function ensureDependencies(node) {
  if (areDependenciesCurrent()) return;
  await withLock("dependencies", async () => {
    if (areDependenciesCurrent()) return;
    const startedMs = Date.now();
    say("installing the packages of package-lock.json");
    await npmCi(node, ROOT);
    say(`packages installed in ${Math.round((Date.now() - startedMs) / 1000)} s`);
  });
}
