import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export const ROOT = join(import.meta.dirname, "..", "..", "..");

export interface Shelled {
  readonly exitCode: number;
  /** Its standard output alone: JSON, say. kubectl now and then has a word of its own beside it. */
  readonly stdout: string;
  /** What it printed, errors after the rest. */
  readonly output: string;
}

/** Runs one line in a shell, in the root of the project; never rejects for an exit code. */
export function shell(command: string): Promise<Shelled> {
  return new Promise((resolve, reject) => {
    execFile("bash", ["-c", command], { cwd: ROOT, maxBuffer: 16 << 20 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve({ exitCode: typeof error?.code === "number" ? error.code : 0, stdout, output: stdout + stderr });
    });
  });
}

/** The same for a command that must succeed; answers all that it printed. */
export const must = async (command: string): Promise<string> => (await succeeded(command)).output;

/** What a command that must succeed has on its standard output, read as JSON. */
export const jsonOf = async (command: string): Promise<unknown> => JSON.parse((await succeeded(command)).stdout);

async function succeeded(command: string): Promise<Shelled> {
  const ran = await shell(command);
  if (ran.exitCode !== 0) throw new Error(`${command}\nexit code ${ran.exitCode}\n${ran.output}`);
  return ran;
}

/** Asks until `ask` gives something, at most `seconds`. */
export async function eventually<T>(seconds: number, what: string, ask: () => Promise<T | null>): Promise<T> {
  const untilMs = performance.now() + seconds * 1_000;
  while (performance.now() < untilMs) {
    const answer = await ask();
    if (answer !== null) return answer;
    await sleep(2_000);
  }
  throw new Error(`gave up waiting for ${what}`);
}
