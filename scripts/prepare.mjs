/**
 * Makes a fresh clone ready: a current Node, the packages, and with `--build` the bundle. Does
 * nothing when all is there. Plain JavaScript for Node 18, because it runs before anything newer is
 * here.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { ensureDependencies } from "./lib/dependencies.mjs";
import { withLock } from "./lib/lock.mjs";
import { ROOT } from "./lib/paths.mjs";
import { Problem, report, say } from "./lib/problem.mjs";
import { isBuildCurrent } from "./lib/sources.mjs";
import { ensureNode } from "./lib/toolchain.mjs";

async function ensureBuild(node) {
  if (isBuildCurrent()) return;
  await withLock("build", async () => {
    if (isBuildCurrent()) return;
    say("building");
    const child = spawn(node, [join(ROOT, "scripts", "build.mjs")], { cwd: ROOT, stdio: ["ignore", 2, 2] });
    const exitCode = await new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (exitCode !== 0) throw new Problem("the build failed", "see the errors above");
  });
}

// an ordinary end runs the exit handlers, which free the locks
for (const [signal, exitCode] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
]) {
  process.once(signal, () => process.exit(exitCode));
}

try {
  const node = await ensureNode();
  await ensureDependencies(node);
  if (process.argv.includes("--build")) await ensureBuild(node);
} catch (cause) {
  report(cause);
  process.exitCode = 1;
}
