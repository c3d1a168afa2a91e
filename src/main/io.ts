/** What a program needs of the outside: a test hands in its own. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly cwd: string;
  out(text: string): void;
  err(text: string): void;
  /** Standard output is a terminal: progress may be redrawn and coloured. */
  readonly terminal: boolean;
  /** Aborted by SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
}

/** Exit codes of `run`: steady or transient, worse, inconclusive, could not run, refused by a gate; `usage` is a command line that cannot be read. */
export const EXIT = { ok: 0, degraded: 1, inconclusive: 2, failed: 3, refused: 4, usage: 64 } as const;
