import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** What one process took until it ended (Linux). */
export interface Measured {
  readonly exit_code: number | null;
  /** User and system time of the process and of all that it waited for, in steps of 10 ms. */
  readonly cpu_s: number;
  /** Most resident memory of the process itself, MiB. */
  readonly rss_mib: number;
  readonly wall_s: number;
  /** Its standard output and standard error. */
  readonly output: string;
}

const EVERY_MS = 10;

/**
 * Runs `program` to its end. Nothing else may end as a child of this process meanwhile: CPU is read
 * as a difference.
 */
export async function measure(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Measured> {
  const beganMs = performance.now();
  const cpuBefore = childrenCpuS();
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });
  let rss = 0;
  let running = true;
  const stop = (): void => {
    running = false;
  };
  ended.then(stop, stop);
  while (running) {
    rss = Math.max(rss, peakMib(child.pid ?? 0));
    await sleep(EVERY_MS);
  }
  return {
    exit_code: await ended,
    cpu_s: rounded(childrenCpuS() - cpuBefore, 2),
    rss_mib: Math.round(rss),
    wall_s: rounded((performance.now() - beganMs) / 1000, 1),
    output,
  };
}

/**
 * User and system time of the children that this process has waited for, s:
 * https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 */
function childrenCpuS(): number {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** The kernel keeps the peak, so that looking now and then misses only the last moments. */
function peakMib(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

const rounded = (x: number, digits: number): number => Number(x.toFixed(digits));
