/** Where the sandbox reads its time; milliseconds since the epoch. */
export interface SandboxClock {
  nowMs(): number;
}

/**
 * A clock that runs `speed` times faster than the one it is made from. Processes with equal numbers
 * agree.
 */
export interface Acceleration {
  /** The accelerated time at `realOriginMs`. */
  readonly simOriginMs: number;
  readonly realOriginMs: number;
  readonly speed: number;
}

export function acceleratedClock({ simOriginMs, realOriginMs, speed }: Acceleration, real: SandboxClock): SandboxClock {
  return { nowMs: () => simOriginMs + Math.max(0, real.nowMs() - realOriginMs) * speed };
}

/** A clock moved by hand. */
export class ManualClock implements SandboxClock {
  #nowMs: number;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  /** Never back. */
  moveTo(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }
}
