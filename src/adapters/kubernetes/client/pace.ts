import { AftershockError } from "../../../core/model/error.ts";
import { SECOND_MS } from "../../../core/model/units.ts";

/** A watch that stood for this long without a change is calm, ms of real time. */
export const CALM_MS = 10 * SECOND_MS;
/** So many changes in a row are followed as fast as they come: somebody is at work. */
const FREE = 5;
const LONGEST_MS = 30 * SECOND_MS;

/**
 * Wait before the next look at what changes again and again, ms: programs that fight over one
 * object, or a server that ends every watch at once, must not be answered with list after list.
 * @param inARow changes since it was calm
 */
export const pauseAfter = (inARow: number, pauseMs: number): number =>
  Math.min(LONGEST_MS, pauseMs * 2 ** Math.max(0, inARow - FREE));

/**
 * Wait after a failure, ms: as long as the server asks for (Retry-After), if that is longer than
 * what we would wait and no more than half a minute.
 */
export function waitAfter(cause: unknown, ownMs: number): number {
  const askedMs = cause instanceof AftershockError ? (cause.retryAfterMs ?? 0) : 0;
  return Math.max(ownMs, Math.min(LONGEST_MS, askedMs));
}
