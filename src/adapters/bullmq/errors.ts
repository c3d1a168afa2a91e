import { AftershockError } from "../../core/model/error.ts";

/** What BullMQ or a driver below it said, in our words. */
export function queueError(where: string, cause: unknown): AftershockError {
  if (cause instanceof AftershockError) return cause;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  if (/\bOOM\b|\bMISCONF\b|No space left/.test(why)) {
    return new AftershockError("storage-full", `queue on ${where} is full: ${why}`, {
      hint: "give the storage of storage.url more memory or disk",
      retryable: true,
    });
  }
  if (/\bNOPERM\b|\bACL failure\b|has no permissions to|can't run this command/.test(why)) {
    return new AftershockError("storage-unavailable", `queue on ${where} cannot be used: ${why}`, {
      hint: "docs/operations.md lists what the ACL of this user must allow",
      cause,
    });
  }
  if (/\bREADONLY\b/.test(why)) {
    return new AftershockError("storage-unavailable", `queue on ${where} refused: ${why}`, {
      hint: "storage.url must name the primary; after a failover it is tried again",
      retryable: true,
      cause,
    });
  }
  return new AftershockError("storage-unavailable", `queue on ${where} did not answer: ${why}`, {
    hint: "check that the storage of storage.url runs and can be reached",
    retryable: true,
    cause,
  });
}

/** BullMQ keeps `message` of what was thrown, and of a plain object nothing at all. */
export function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(typeof cause === "string" ? cause : JSON.stringify(cause));
}
