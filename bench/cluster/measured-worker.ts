import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { imageStart } from "../../scripts/lib/image-start.mjs";

const PROGRAM = new URL("../../dist/aftershock.mjs", import.meta.url).pathname;
const START_MS = 60_000;

interface LogLine {
  readonly msg: string;
  readonly [key: string]: unknown;
}

/** The built worker in a process of its own. */
export interface MeasuredWorker extends AsyncDisposable {
  /** Resident memory, MiB (Linux). */
  residentMib(): number;
  /** CPU used since the start, ms (Linux). */
  cpuMs(): number;
  /**
   * The first line from now on whose message contains `text`; rejects when it takes longer than
   * `ms`.
   */
  heard(text: string, ms: number): Promise<LogLine>;
  /** All that it said so far, one line each. */
  said(): readonly string[];
  /** Value of every sample of one of its own counters, added up. */
  counter(name: string): Promise<number>;
}

export async function startWorker(config: string): Promise<MeasuredWorker> {
  const { nodeOptions, env } = imageStart();
  const child = spawn(process.execPath, [...nodeOptions, PROGRAM, "worker", "--config", config], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const lines: LogLine[] = [];
  const waiting = new Set<(line: LogLine) => void>();
  createInterface({ input: child.stderr! }).on("line", (text) => {
    const line = parse(text);
    lines.push(line);
    for (const tell of waiting) tell(line);
  });
  const said = () => lines.map((line) => JSON.stringify(line));
  const heard = (text: string, ms: number): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(new Error(`the worker did not say "${text}":\n${said().join("\n")}`));
      }, ms);
      const look = (line: LogLine): void => {
        if (!line.msg.includes(text)) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(line);
      };
      waiting.add(look);
    });
  const dashboard = await heard("dashboard", START_MS);
  const proc = (file: string): string => readFileSync(`/proc/${child.pid}/${file}`, "utf8");
  return {
    heard,
    said,
    residentMib: () => Number(/VmRSS:\s+(\d+)/.exec(proc("status"))?.[1]) / 1_024,
    cpuMs: () => {
      // User and system time in ticks of 10 ms, after the name in brackets.
      const fields = proc("stat")
        .replace(/^.*\) /, "")
        .split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10;
    },
    async counter(name) {
      const text = await (await fetch(`${dashboard.address}/metrics`)).text();
      const samples = text.split("\n").filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      return samples.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
    },
    [Symbol.asyncDispose]: () => stop(child),
  };
}

function parse(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { msg: text };
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill("SIGTERM");
  await Promise.race([once(child, "exit"), sleep(30_000).then(() => child.kill("SIGKILL"))]);
}
