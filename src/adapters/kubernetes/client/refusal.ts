/**
 * An answer of the API server that is no success. Its message holds nothing but the status: body
 * and headers are for reading, not for logs.
 */
export class Refusal extends Error {
  readonly status: number;
  readonly body: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: string, headers: Readonly<Record<string, string>>) {
    super(`HTTP ${status}`);
    this.name = "Refusal";
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}
