import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { Message } from "./mailbox.ts";
import type { Truth } from "./scenarios.ts";

/** One verdict as `run --json` prints it, as far as it is kept. */
export interface ToldVerdict {
  readonly service: string;
  readonly signal: string;
  readonly verdict: string;
  readonly why: { readonly reason: string; readonly detail: string } | null;
  readonly z: number | null;
  readonly p: number | null;
  readonly effect: unknown;
}

/** One experiment or sham, what was told and what was true. */
export interface LabRecord {
  readonly lane: string;
  readonly stepS: number;
  readonly scenario: string;
  readonly sham: boolean;
  readonly startedMs: number;
  readonly endedMs: number;
  /** Share of its time in which the machine was loaded on purpose. */
  readonly loaded: number;
  /** Exit code of `run`; null when nobody ran it. */
  readonly exitCode: number | null;
  readonly outcome: string | null;
  readonly says: string | null;
  readonly headline: string | null;
  /** What a gate said, or why it could not run. */
  readonly problem: string | null;
  readonly verdicts: readonly ToldVerdict[];
  readonly findings: readonly string[];
  /** Failures of each service, as the applications are made; empty for shams. */
  readonly truth: Readonly<Record<string, Truth>>;
  /** When the cause of the damage was gone; null for shams. */
  readonly causeGoneMs: number | null;
  /** When damage that was open after the verdict no longer was; null: still open when given up. */
  readonly open: { readonly closedMs: number | null } | null;
  /** Experiments that one cause made; absent in records that are older. */
  readonly experiments?: number;
  /** What was sent about it; absent in records that are older. */
  readonly messages?: readonly Message[];
}

/** The records of earlier runs, so that a campaign goes on where it was stopped. */
export const readRecords = (file: string): LabRecord[] => readLines<LabRecord>(file);

/** One value a line; a file that is not there holds none. */
export function readLines<T>(file: string): T[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  // a line that a crash cut off is none
  return lines.flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as T];
    } catch {
      return [];
    }
  });
}

export const append = (file: string, record: LabRecord): void => appendFileSync(file, `${JSON.stringify(record)}\n`);
