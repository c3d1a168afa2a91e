import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { scaledClock, systemClock } from "../../src/adapters/system/clock.ts";
import type { Storage, StorageOptions } from "../../src/main/storage/opened-storage.ts";
import { openStorage } from "../../src/main/storage/storage.ts";
import type { Log, LogFields } from "../../src/ports/log.ts";

/** A log that keeps its lines. */
export function keptLog(): Log & {
  readonly lines: { level: string; message: string; fields: LogFields | undefined }[];
} {
  const lines: { level: string; message: string; fields: LogFields | undefined }[] = [];
  const at = (level: string) => (message: string, fields?: LogFields) => void lines.push({ level, message, fields });
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** Opens the storage at `url`; jobs of dead processes come back quickly. */
export function openAt(url: string, cluster: string, options: Partial<StorageOptions> = {}): Promise<Storage> {
  return openStorage(url, { cluster, clock: systemClock(), log: keptLog(), lockMs: 400, ...options });
}

/** A clock that begins at a fixed instant and runs `speed` times as fast as a real one. */
export function fastClock(speed: number): { clock: StorageOptions["clock"]; speed: number } {
  return {
    clock: scaledClock({ speed, realOriginMs: Date.now(), simOriginMs: Date.parse("2026-03-06T09:00:00Z") }),
    speed,
  };
}

export interface StorageProcess {
  /** The next line that the process prints; rejects when it has ended. */
  line(): Promise<string>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): void;
}

/** Runs `task` of storage-process.ts in a process of its own. */
export function runProcess(task: string, url: string, cluster: string, wrap: readonly string[] = []): StorageProcess {
  const script = join(import.meta.dirname, "storage-process.ts");
  const [program = "", ...args] = [...wrap, process.execPath, script, task, url, cluster];
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async line() {
      const next = await lines.next();
      if (next.done) throw new Error(`the process for "${task}" ended`);
      return next.value;
    },
    ended: once(child, "exit").then(([code, signal]: unknown[]) => (code as number | null) ?? String(signal)),
    kill: (signal) => void child.kill(signal),
  };
}
