import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { npmCi } from "./npm.mjs";
import { TOOLCHAIN } from "./paths.mjs";
import { isRecentEnough, nodePackage, OLDEST_NODE } from "./platform.mjs";
import { explainFileError, Problem, say } from "./problem.mjs";

const homeOf = (wanted) => join(TOOLCHAIN, `${wanted.name}-${wanted.version}`);
const binaryIn = (home) => join(home, "bin", "node");

/**
 * The Node that runs the project: this one, or the one that was brought before; null when it has to
 * be brought first.
 */
export function findNode() {
  if (isRecentEnough(process.version)) return process.execPath;
  const binary = binaryIn(homeOf(nodePackage()));
  return existsSync(binary) ? binary : null;
}

/** A project of one package: npm checks the archive against the integrity that is written here. */
function writeProject(folder, { name, version, integrity, os, cpu }) {
  const project = { name: "toolchain", version: "1.0.0", private: true, dependencies: { [name]: version } };
  const packages = { "": project, [`node_modules/${name}`]: { version, integrity, os: [os], cpu: [cpu] } };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify(project));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify({ ...project, lockfileVersion: 3, packages }));
}

/** A binary can be there and still not start: too old a C library, a folder mounted `noexec`. */
function assertStarts(binary) {
  try {
    execFileSync(binary, ["--version"], { stdio: "pipe" });
  } catch (cause) {
    const why = (cause.stderr?.toString().trim() || cause.message).split("\n")[0];
    throw new Problem(
      `the packaged Node does not start here: ${why}`,
      `install Node ${OLDEST_NODE.join(".")} or newer (https://nodejs.org) and run the command again`,
    );
  }
}

async function install(wanted) {
  const home = homeOf(wanted);
  if (existsSync(binaryIn(home))) return; // another process was faster
  for (const left of readdirSync(TOOLCHAIN)) {
    if (left.startsWith("staging-")) rmSync(join(TOOLCHAIN, left), { recursive: true, force: true });
  }
  say(
    `Node ${process.version} is too old (${OLDEST_NODE.join(".")} needed): bringing ${wanted.version} through npm, once`,
  );
  const staging = join(TOOLCHAIN, `staging-${process.pid}`);
  try {
    writeProject(staging, wanted);
    await npmCi(process.execPath, staging);
    const unpacked = join(staging, "node_modules", wanted.name);
    assertStarts(binaryIn(unpacked));
    renameSync(unpacked, home);
  } catch (cause) {
    throw explainFileError(cause, TOOLCHAIN);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/**
 * Path of a Node that can run the project; where this one is too old, a current one is brought
 * through npm, once.
 * @throws {Problem}
 */
export async function ensureNode() {
  const found = findNode();
  if (found !== null) return found;
  const wanted = nodePackage();
  await withLock("node", () => install(wanted));
  return binaryIn(homeOf(wanted));
}
