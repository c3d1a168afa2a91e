/** What a job carries. */
export interface WakeUp {
  readonly key: string;
  readonly atMs: number;
  /** How often the job came too early (the machine's clock was set back) and was put off. */
  readonly putOff: number;
}

/** BullMQ refuses ids with a colon and ids that are numbers; keys may be anything. */
export function jobId({ key, atMs, putOff }: WakeUp): string {
  return ["wake", Buffer.from(key).toString("base64url"), atMs, ...(putOff > 0 ? [putOff] : [])].join("-");
}

/**
 * Real milliseconds from now until `atMs` on a clock that runs `speed` times as fast; 0 when it has
 * passed.
 */
export function delayMs(atMs: number, nowMs: number, speed: number): number {
  return Math.max(0, Math.ceil((atMs - nowMs) / speed));
}

/** Longest wait before a rejected handler is tried again. */
const LONGEST_BACKOFF_MS = 60_000;

/**
 * Real milliseconds before attempt `attempt + 1`: 1 s, 2 s, 4 s … a minute, all of it on a clock
 * that runs `speed` times as fast.
 */
export function backoffMs(attempt: number, speed: number): number {
  return Math.ceil(Math.min(1_000 * 2 ** (attempt - 1), LONGEST_BACKOFF_MS) / speed);
}
