import { linkSync, mkdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TOOLCHAIN } from "./paths.mjs";
import { explainFileError, say } from "./problem.mjs";

const HEARTBEAT_MS = 1_000;
/** A lock that nobody has touched for so long was left behind by a killed process. */
const STALE_MS = 10_000;
const LOOK_AGAIN_MS = 200;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Age of the lock in ms, or null when there is none. */
function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return null;
  }
}

/** Takes the lock if it is free: a link appears at once and with its content, or not at all. */
function tryLock(path, mine) {
  writeFileSync(mine, `${process.pid}\n`);
  try {
    linkSync(mine, path);
    return true;
  } catch (cause) {
    if (cause.code === "EEXIST") return false;
    throw cause;
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Of several who see the same stale lock, one succeeds in renaming it. */
function dropStale(path, mine) {
  try {
    renameSync(path, mine);
  } catch {
    return;
  }
  rmSync(mine, { force: true });
}

/**
 * Runs `work` while no other process of this checkout does the same; others wait for their turn.
 * The lock is a file that is touched every second, so that a killed holder is noticed wherever its
 * process ran.
 */
export async function withLock(name, work, folder = TOOLCHAIN) {
  const path = join(folder, `${name}.lock`);
  const mine = `${path}.${process.pid}`;
  let told = false;
  try {
    mkdirSync(folder, { recursive: true });
    while (!tryLock(path, mine)) {
      const age = ageMs(path);
      if (age !== null && age > STALE_MS) dropStale(path, mine);
      else if (age !== null && !told) {
        told = true;
        say(`another command is preparing this folder (${name}); waiting for it`);
      }
      await sleep(LOOK_AGAIN_MS);
    }
  } catch (cause) {
    throw explainFileError(cause, folder);
  }
  const release = () => rmSync(path, { force: true });
  const heartbeat = setInterval(() => {
    const now = new Date();
    try {
      utimesSync(path, now, now);
    } catch {
      // somebody took it for stale while this process was stopped: nothing to touch
    }
  }, HEARTBEAT_MS);
  process.once("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    process.off("exit", release);
    release();
  }
}
