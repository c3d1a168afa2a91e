import { execFileSync } from "node:child_process";
import { ROOT } from "../paths.mjs";

const git = (...args) =>
  execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

/**
 * The lines of the product that differ from a revision, as Stryker takes them: `src/a.ts:3-7`.
 * @param {string} revision anything that git names a commit by
 * @returns {readonly string[] | null} null when there is no such commit here, or no repository
 */
export function changedLines(revision) {
  try {
    git("rev-parse", "--verify", `${revision}^{commit}`);
  } catch {
    return null;
  }
  const patch = git("diff", "--unified=0", "--no-color", "--no-ext-diff", revision, "--", "src/*.ts", "src/*.tsx");
  return linesOf(patch);
}

/** The new lines of a patch without context; a place where lines only went has none. */
export function linesOf(patch) {
  let file = null;
  const ranges = [];
  for (const line of patch.split("\n")) {
    if (line.startsWith("+++ ")) file = line.startsWith("+++ b/") ? line.slice("+++ b/".length) : null;
    const hunk = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk === null || file === null) continue;
    const from = Number(hunk[1]);
    const count = Number(hunk[2] ?? 1);
    if (count > 0) ranges.push(`${file}:${from}-${from + count - 1}`);
  }
  return ranges;
}
