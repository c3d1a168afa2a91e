import type { Message } from "./mailbox.ts";
import type { Ran } from "./program.ts";
import type { ToldVerdict } from "./record.ts";

/** One experiment as `run --json` and `explain --json` print it, as far as it is read. */
export interface Told {
  readonly id?: string;
  readonly outcome?: string | null;
  readonly says?: string | null;
  readonly headline?: string | null;
  readonly verdicts?: readonly ToldVerdict[];
  readonly findings?: readonly { readonly title: string }[];
  /** Pods that were hit. */
  readonly pods?: readonly { readonly name: string }[];
  readonly refusal?: unknown;
  readonly clear?: string | null;
}

/** What became of one experiment, whoever began it. Times in ms. */
export interface Ended {
  readonly startedMs: number;
  readonly endedMs: number;
  /** Exit code of `run`; null when nobody ran it. */
  readonly exitCode: number | null;
  readonly told: Told;
  /** Why there is no verdict; null when there is one. */
  readonly problem: string | null;
  /** Null for shams. */
  readonly causeGoneMs: number | null;
  readonly open: { readonly closedMs: number | null } | null;
  /** Experiments that one cause made. */
  readonly experiments: number;
  readonly messages: readonly Message[];
}

/** The value that a command printed; null for anything else. */
export function printed<T>({ out }: Ran): T | null {
  try {
    return JSON.parse(out) as T;
  } catch {
    return null;
  }
}
