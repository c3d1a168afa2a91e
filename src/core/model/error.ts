/** What went wrong, for code that must react to it; the text is for people. */
export type ErrorCode =
  | "config-invalid"
  | "source-unavailable"
  | "source-refused"
  | "cluster-unavailable"
  | "cluster-forbidden"
  | "cluster-conflict"
  | "cluster-gone"
  | "cluster-throttled"
  | "cluster-refused"
  | "budget-refused"
  | "storage-unavailable"
  | "storage-full"
  | "journal-conflict"
  | "journal-newer"
  | "lease-lost"
  | "intent-known"
  | "order-stale"
  | "notify-failed"
  | "rule-invalid"
  | "not-found"
  | "usage";

/**
 * An error that says what happened, what to do next, and whether trying again can help. Never put a
 * secret in `message`, `hint` or `facts`.
 */
export class AftershockError extends Error {
  override readonly name = "AftershockError";
  readonly code: ErrorCode;
  /** What the reader can do next, as a sentence. */
  readonly hint: string | undefined;
  readonly retryable: boolean;
  /** Milliseconds that the other side asked us to wait, when it said so. */
  readonly retryAfterMs: number | undefined;
  /** Some of what was to be done is done: a message that some receivers have. */
  readonly partly: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string; cause?: unknown; retryable?: boolean; retryAfterMs?: number; partly?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
    this.partly = options.partly ?? false;
  }
}

/** True when `cause` is ours and carries `code`. */
export function hasCode(cause: unknown, code: ErrorCode): cause is AftershockError {
  return cause instanceof AftershockError && cause.code === code;
}

/** One line for a log or a gate: the message and its hint, never the stack. */
export function describeError(cause: unknown): string {
  if (cause instanceof AftershockError) return cause.hint ? `${cause.message} (${cause.hint})` : cause.message;
  if (cause instanceof Error) return cause.message || cause.name;
  return String(cause);
}
