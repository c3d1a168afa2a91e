import { describeError } from "../../core/model/error.ts";
import type { Check } from "./check.ts";

/** A query that was sent once, and why the server refuses it. */
export interface Tried {
  readonly name: string;
  readonly refused: string | null;
}

/**
 * Whether the server takes every query that a verdict may need: one check for each that it refuses.
 * Never rejects.
 */
export async function queryChecks(
  tryAll: (signal: AbortSignal) => Promise<readonly Tried[]>,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const what = "queries";
  try {
    const tried = await tryAll(signal);
    const refused = tried.flatMap(({ name, refused: says }) => (says === null ? [] : [`${name}: ${says}`]));
    if (refused.length > 0) return refused.map((says) => ({ what, ok: false, says }));
    return [{ what, ok: true, says: `all ${tried.length} of the signals file are answered` }];
  } catch (cause) {
    return [{ what, ok: false, says: `not all could be sent: ${describeError(cause)}` }];
  }
}
