#!/usr/bin/env node
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { endAfterSignal, endSoon } from "./end.ts";
import { EXIT } from "./io.ts";
import { runCli } from "./program.ts";
import { captureLibraries } from "./setup/libraries.ts";

/** Oldest Node on which every library loads; the same as `engines` in package.json. */
const OLDEST_NODE = [22, 19] as const;

/**
 * What to say to a Node on which the libraries would fail with messages that help nobody, or null.
 */
function whyTooOld(version: string): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return null;
  return `aftershock: Node ${version} is too old, it needs ${OLDEST_NODE.join(".")} or newer: install one from https://nodejs.org, or use the image`;
}

/** These go on when nobody reads what they print: what they began must be brought to its end. */
const GO_ON = ["run", "worker", "follow-up", "look", "halt", "cancel", "close", "uninstall"];

/** `aftershock experiments | head -1` has what it wants: that is no error. */
function nobodyReads(cause: NodeJS.ErrnoException): void {
  if (cause.code !== "EPIPE") throw cause;
  if (!GO_ON.includes(process.argv[2] ?? "")) process.exit(EXIT.ok);
}

/** The program, when it is started and not imported. */
async function main(): Promise<void> {
  const tooOld = whyTooOld(process.versions.node);
  if (tooOld !== null) {
    process.stderr.write(`${tooOld}\n`);
    process.exitCode = EXIT.failed;
    return;
  }
  const stop = new AbortController();
  const end = (name: string) => {
    if (stop.signal.aborted) process.exit(130);
    stop.abort(new Error(`stopped by ${name}`));
    endAfterSignal(EXIT.failed);
  };
  captureLibraries();
  process.stdout.on("error", nobodyReads);
  process.on("SIGINT", () => end("SIGINT"));
  process.on("SIGTERM", () => end("SIGTERM"));
  process.exitCode = await runCli(process.argv.slice(2), {
    env: process.env,
    cwd: process.cwd(),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    terminal: process.stdout.isTTY === true,
    ...(process.stdout.isTTY === true ? { width: process.stdout.columns } : {}),
    signal: stop.signal,
  });
  endSoon(Number(process.exitCode));
}

const started = process.argv[1];
if (started !== undefined && realpathSync(started) === realpathSync(fileURLToPath(import.meta.url))) await main();
