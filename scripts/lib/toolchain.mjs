import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { npmCi } from "./npm.mjs";
import { TOOLCHAIN } from "./paths.mjs";
import { isRecentEnough, NPM, nodePackage, OLDEST_NODE } from "./platform.mjs";
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
  const platform = os === undefined ? {} : { os: [os], cpu: [cpu] };
  const packages = { "": project, [`node_modules/${name}`]: { version, integrity, ...platform } };
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

/** Brings a package into the toolchain; `isUsable` throws where it is not. */
async function install(wanted, npmOptions = [], isUsable = () => {}) {
  const home = homeOf(wanted);
  if (existsSync(home)) return; // another process was faster
  mkdirSync(TOOLCHAIN, { recursive: true });
  for (const left of readdirSync(TOOLCHAIN)) {
    if (left.startsWith("staging-")) rmSync(join(TOOLCHAIN, left), { recursive: true, force: true });
  }
  const staging = join(TOOLCHAIN, `staging-${process.pid}`);
  try {
    writeProject(staging, wanted);
    await npmCi(process.execPath, staging, npmOptions);
    const unpacked = join(staging, "node_modules", wanted.name);
    isUsable(unpacked);
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
  await withLock("node", async () => {
    if (existsSync(homeOf(wanted))) return;
    say(
      `Node ${process.version} is too old (${OLDEST_NODE.join(".")} needed): bringing ${wanted.version} through npm, once`,
    );
    await install(wanted, [], (unpacked) => assertStarts(binaryIn(unpacked)));
  });
  return binaryIn(homeOf(wanted));
}

/** Path of a current Node for any platform, to be put into an image; it may not start here. */
export async function bringNode(platform, arch) {
  const wanted = nodePackage(platform, arch, false);
  await withLock("node", () => install(wanted, ["--force"]));
  return binaryIn(homeOf(wanted));
}

/** Folder of the npm that goes with the current Node. */
export async function bringNpm() {
  await withLock("node", () => install(NPM));
  return homeOf(NPM);
}
