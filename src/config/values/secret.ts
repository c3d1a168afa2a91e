import { inspect } from "node:util";

/** Where a secret is kept. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/**
 * A value that must not be seen: printed, logged or written as JSON it shows only where it came
 * from.
 */
export class Secret {
  readonly #value: string;
  readonly source: string;
  readonly #again: (() => Promise<string | null>) | undefined;

  /** `again` looks at where it comes from once more; null when it is not there now. */
  constructor(value: string, source: string, again?: () => Promise<string | null>) {
    this.#value = value;
    this.source = source;
    this.#again = again;
  }

  /** The value itself, for the one place that needs it. */
  reveal(): string {
    return this.#value;
  }

  /**
   * The value as it is now where it comes from; the one that was read first when it is not there.
   * Never rejects.
   */
  async current(): Promise<string> {
    const now = await this.#again?.().catch(() => null);
    return now ? now : this.#value;
  }

  toString(): string {
    return `(secret from ${this.source})`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

export const sourceOf = (ref: SecretRef): string =>
  "env" in ref ? `environment variable ${ref.env}` : `file ${ref.file}`;
