import { describeError } from "../../core/model/error.ts";
import { someNames } from "../../core/text/format.ts";
import type { Check } from "./check.ts";

/** A query that was sent once, and why the server refuses it. */
export interface Tried {
  readonly name: string;
  readonly refused: string | null;
}

/**
 * Whether the server takes every query that a verdict may need: one check for each reason for which
 * it refuses some. Never rejects.
 */
export async function queryChecks(
  tryAll: (signal: AbortSignal) => Promise<readonly Tried[]>,
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const what = "queries";
  try {
    const tried = await tryAll(signal);
    const refused = tried.flatMap(({ name, refused: why }) => (why === null ? [] : [{ name, why }]));
    const byReason = [...Map.groupBy(refused, ({ why }) => why)];
    if (refused.length > 0) {
      return byReason.map(([why, some]) => {
        const names = some.length === tried.length ? `all ${tried.length}` : someNames(some.map(({ name }) => name));
        return { what, ok: false, says: `${names}: ${why}` };
      });
    }
    return [{ what, ok: true, says: `all ${tried.length} of the signals file are answered` }];
  } catch (cause) {
    return [{ what, ok: false, says: `not all could be sent: ${describeError(cause)}` }];
  }
}
