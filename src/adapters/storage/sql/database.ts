/** Runs one statement; `$1…` are its parameters. */
export type SqlQuery = <Row>(text: string, params?: readonly unknown[]) => Promise<readonly Row[]>;

/** PostgreSQL, wherever it runs. Rejects with `storage-unavailable` or `storage-full`. */
export interface SqlDatabase {
  /** Where it is, for errors; without secrets. */
  readonly where: string;
  readonly query: SqlQuery;
  /** All of `work` or nothing. */
  transaction<T>(work: (query: SqlQuery) => Promise<T>): Promise<T>;
}
