/**
 * `node scripts/node.mjs ARGS…` runs a Node that is new enough with these arguments. Streams,
 * signals and the exit code pass through. Plain JavaScript for Node 18.
 */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { delimiter, dirname } from "node:path";
import { report } from "./lib/problem.mjs";
import { ensureNode } from "./lib/toolchain.mjs";

function run(node, args) {
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ""}` };
  const child = spawn(node, args, { stdio: "inherit", env });
  const onTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGUSR2"]) {
    process.on(signal, () => {
      // a terminal's Ctrl-C reaches the child by itself; a second one would mean "at once"
      if (signal !== "SIGINT" || !onTerminal) child.kill(signal);
    });
  }
  child.once("error", (cause) => {
    report(cause);
    process.exitCode = 1;
  });
  child.once("exit", (exitCode, signal) => process.exit(exitCode ?? 128 + (constants.signals[signal] ?? 0)));
}

try {
  run(await ensureNode(), process.argv.slice(2));
} catch (cause) {
  report(cause);
  process.exitCode = 1;
}
