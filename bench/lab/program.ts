import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";

/** What a command printed, and how it ended. */
export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

const PROGRAM = new URL("../../dist/aftershock.mjs", import.meta.url).pathname;
/** Below the applications, so that the measurement itself does not make them slow. */
const NICENESS = 10;

/** Never rejects for an exit code; a command that cannot be started does. */
export function command(file: string, args: readonly string[], input = ""): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = execFile(file, [...args], { maxBuffer: 64 << 20 }, (error, out, err) => {
      if (error !== null && typeof error.code === "string") reject(error);
      else resolve({ exitCode: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, out, err });
    });
    child.stdin?.end(input);
  });
}

/** A command of the program that was built. */
export const aftershock = (args: readonly string[]): Promise<Ran> =>
  command("nice", ["-n", String(NICENESS), process.execPath, PROGRAM, ...args]);

/** @throws Error with what it printed when it fails */
export async function kubectl(args: readonly string[], input = ""): Promise<string> {
  const { exitCode, out, err } = await command("kubectl", args, input);
  if (exitCode !== 0) throw new Error(`kubectl ${args.join(" ")}: ${err}`);
  return out;
}

/** A worker of its own; what it logs goes to `log`. */
export function startWorker(config: string, log: string): { stop(): Promise<void> } {
  const out = openSync(log, "a");
  const args = ["-n", String(NICENESS), process.execPath, PROGRAM, "worker", "--config", config];
  const child = spawn("nice", args, { stdio: ["ignore", out, out] });
  const exited = once(child, "exit");
  return {
    async stop() {
      child.kill("SIGTERM");
      await exited;
    },
  };
}
