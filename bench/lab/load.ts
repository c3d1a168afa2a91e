import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { findProgram } from "../../test/support/requires.ts";
import { readLines } from "./record.ts";

/** A third of the time the machine is loaded: so long in each round of so long. */
const ROUND_MS = 9 * 60_000;
const LOADED_MS = 3 * 60_000;

/** Stretches in which the machine was loaded on purpose. */
export interface Load {
  /** Share of the time between two moments, 0…1. */
  shareOf(fromMs: number, toMs: number): number;
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Runs `stress-ng` in the last third of each round until `signal` aborts. Stretches are kept in
 * `file`, so that a second process of the campaign knows of them.
 * @throws Error when it is not installed and `workers` is above 0
 */
export function loadMachine(
  workers: number,
  file: string,
  signal: AbortSignal,
): Load & { readonly ended: Promise<void> } {
  const program = findProgram("stress-ng");
  if (program === null && workers > 0) throw new Error("stress-ng is not installed; --stress 0 goes without");
  const rounds = async (): Promise<void> => {
    while (!signal.aborted && program !== null && workers > 0) {
      await sleep(ROUND_MS - LOADED_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const fromMs = Date.now();
      // kept as it begins: an experiment may end in the middle of it
      appendFileSync(file, `${JSON.stringify({ fromMs, toMs: fromMs + LOADED_MS } satisfies Stretch)}\n`);
      const seconds = String(LOADED_MS / 1_000);
      await ended(spawn(program, ["--cpu", String(workers), "--timeout", seconds], { stdio: "ignore", signal }));
    }
  };
  return {
    ended: rounds(),
    shareOf(fromMs, toMs) {
      const within = readLines<Stretch>(file).map((one) => Math.min(one.toMs, toMs) - Math.max(one.fromMs, fromMs));
      return within.reduce((sum, ms) => sum + Math.max(ms, 0), 0) / Math.max(toMs - fromMs, 1);
    },
  };
}

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((done) => {
    child.once("error", () => done());
    child.once("exit", () => done());
  });
