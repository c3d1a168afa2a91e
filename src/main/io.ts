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
  /** Columns of the terminal; absent: it is none, or does not say. */
  readonly width?: number;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Where it is read elsewhere than on a terminal, lines are no longer than this. */
const WIDTH = 80;
/** Narrower than this nothing can be read. */
const NARROWEST = 40;

/** Columns that a line may have. */
export const widthOf = ({ width }: Io): number => Math.max(NARROWEST, width ?? WIDTH);

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
