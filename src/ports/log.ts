/** Facts of a log line; never a secret. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A constant message; its facts are fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}
