import type { JournalEvent, StreamKind } from "../../core/model/journal.ts";
import type { AppendOptions } from "../../ports/journal.ts";

const KINDS: readonly StreamKind[] = ["experiment", "operations", "finding"];

/**
 * The kind of a stream is what stands before its first slash. @throws RangeError for any other name
 */
export function kindOf(stream: string): StreamKind {
  const kind = KINDS.find((known) => stream.startsWith(`${known}/`) && stream.length > known.length + 1);
  if (kind === undefined) {
    throw new RangeError(
      `not a journal stream: ${JSON.stringify(stream)}; expected one of ${KINDS.join(", ")}, then /name`,
    );
  }
  return kind;
}

/** Refuses what no backend could store faithfully. @throws RangeError */
export function checkAppend(
  stream: string,
  afterSeq: number,
  events: readonly JournalEvent[],
  options: AppendOptions,
): void {
  kindOf(stream);
  if (/\p{Cc}|\p{Cs}/u.test(stream)) {
    throw new RangeError(`control characters in the name of a journal stream: ${JSON.stringify(stream)}`);
  }
  if (events.length === 0) throw new RangeError(`append to ${stream} carries no events`);
  const numbers = { afterSeq, atMs: options.atMs, indexMs: options.indexMs };
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value))
      throw new RangeError(`${name} must be a whole number, got ${value} (stream ${stream})`);
  }
  if (afterSeq < 0) throw new RangeError(`afterSeq must not be negative, got ${afterSeq} (stream ${stream})`);
}

/**
 * The whole number that bounds an index from `boundMs`, which may be fractional or infinite: `index
 * ≥ b` and `index < b` keep their meaning.
 */
export function wholeBound(boundMs: number): number {
  if (Number.isNaN(boundMs)) throw new RangeError("a bound of a journal list is NaN");
  return Math.min(Math.max(Math.ceil(boundMs), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}
