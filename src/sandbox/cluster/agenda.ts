interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: (atMs: number) => void;
}

/**
 * What is going to happen, in order of time; entries of one instant in the order in which they were
 * made.
 */
export class Agenda {
  #entries: Entry[] = [];
  #order = 0;
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs `run` at `atMs`, or as soon as possible when that is past. */
  at(atMs: number, run: (atMs: number) => void): void {
    const entry = { atMs: Math.max(Math.round(atMs), this.#nowMs), order: this.#order++, run };
    const index = this.#entries.findLastIndex((other) => other.atMs <= entry.atMs);
    this.#entries.splice(index + 1, 0, entry);
  }

  after(delayMs: number, run: (atMs: number) => void): void {
    this.at(this.#nowMs + delayMs, run);
  }

  /** Runs everything that is due at `toMs`, each at its own time. */
  advance(toMs: number): void {
    for (let next = this.#entries[0]; next !== undefined && next.atMs <= toMs; next = this.#entries[0]) {
      this.#entries.shift();
      this.#nowMs = next.atMs;
      next.run(next.atMs);
    }
    this.#nowMs = Math.max(this.#nowMs, Math.floor(toMs));
  }
}
