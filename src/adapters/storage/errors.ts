import { AftershockError } from "../../core/model/error.ts";

/**
 * The store could not be asked. Whether a write arrived is unknown: read the stream before trying
 * again.
 */
export function unavailable(
  where: string,
  cause: unknown,
  hint = "check that the storage of storage.url runs and can be reached",
): AftershockError {
  return new AftershockError("storage-unavailable", `storage ${where} did not answer: ${reason(cause)}`, {
    hint,
    retryable: true,
  });
}

/** The store answered, and will answer the same again until a person changes something. */
export function unusable(where: string, why: string, hint: string): AftershockError {
  return new AftershockError("storage-unavailable", `storage ${where} cannot be used: ${why}`, { hint });
}

/** The store answered that it cannot serve now; nothing of a write was kept. */
export function refusedForNow(where: string, why: string, hint: string): AftershockError {
  return new AftershockError("storage-unavailable", `storage ${where} refused: ${why}`, { hint, retryable: true });
}

/** Nothing of the write was kept. */
export function full(where: string, why: string, hint: string): AftershockError {
  return new AftershockError("storage-full", `storage ${where} is full: ${why}`, { hint, retryable: true });
}

/** Somebody else appended to the stream first. */
export function conflict(stream: string, afterSeq: number): AftershockError {
  return new AftershockError("journal-conflict", `stream ${stream} does not end at entry ${afterSeq}`, {
    hint: "read the stream again and decide anew",
  });
}

/**
 * Messages of drivers name hosts and causes, never a password; an AggregateError (several addresses
 * refused) hides its causes.
 */
function reason(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reason).join("; ");
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
