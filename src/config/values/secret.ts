import { inspect } from "node:util";

/** Where a secret is kept. */
export type SecretRef = { readonly env: string } | { readonly file: string };

/** A value that must not be seen: printed, logged or written as JSON it shows only where it came from. */
export class Secret {
  readonly #value: string;
  readonly source: string;

  constructor(value: string, source: string) {
    this.#value = value;
    this.source = source;
  }

  /** The value itself, for the one place that needs it. */
  reveal(): string {
    return this.#value;
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
