/**
 * `bad_data` is a query nobody can parse (HTTP 400); `execution` one that cannot be answered (HTTP
 * 422).
 */
export type PromqlErrorType = "bad_data" | "execution";

/** A refusal in Prometheus' own terms; the message is what the API sends. */
export class PromqlError extends Error {
  override readonly name = "PromqlError";
  readonly errorType: PromqlErrorType;

  constructor(errorType: PromqlErrorType, message: string) {
    super(message);
    this.errorType = errorType;
  }
}

export const badData = (message: string): PromqlError => new PromqlError("bad_data", message);
export const cannotAnswer = (what: string): PromqlError =>
  new PromqlError("execution", `the sandbox does not implement ${what}`);
export const executionError = (message: string): PromqlError => new PromqlError("execution", message);
