import type { Outcome } from "../core/model/outcome.ts";

/** What a program needs of the outside: a test hands in its own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  out(text: string): void;
  err(text: string): void;
  /** For a log, which cleans its lines itself and may colour them; absent: `err`. */
  log?(text: string): void;
  /** Standard output is a terminal: progress may be redrawn and coloured. */
  readonly terminal: boolean;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/**
 * Exit codes of `run`: unaffected or recovered, not recovered, unknown, could not run, refused;
 * `usage` is a command line that cannot be read.
 */
export const EXIT = { ok: 0, notRecovered: 1, unknown: 2, failed: 3, refused: 4, usage: 64 } as const;

/** The exit code that stands for an outcome. */
export function exitOf(outcome: Outcome): number {
  if (outcome === "unknown") return EXIT.unknown;
  return outcome === "not recovered" ? EXIT.notRecovered : EXIT.ok;
}
