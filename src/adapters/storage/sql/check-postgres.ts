import type { SqlDatabase } from "./database.ts";

interface Facts {
  readonly version: number;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly synchronous_commit: string;
  readonly read_only: string;
  readonly in_recovery: boolean;
}

const FACTS = `SELECT current_setting('server_version_num')::integer / 10000 AS version, current_setting('fsync') AS fsync,
  current_setting('full_page_writes') AS full_page_writes, current_setting('synchronous_commit') AS synchronous_commit,
  current_setting('default_transaction_read_only') AS read_only, pg_is_in_recovery() AS in_recovery`;

const RULES: readonly ((facts: Facts, oldest: number) => string | null)[] = [
  ({ version }, oldest) => (version >= oldest ? null : `PostgreSQL ${version} is too old: use ${oldest} or newer`),
  ({ fsync, full_page_writes }) =>
    fsync === "on" && full_page_writes === "on"
      ? null
      : "fsync or full_page_writes is off: a power cut can destroy the journal; switch both on",
  ({ synchronous_commit }) =>
    synchronous_commit !== "off"
      ? null
      : "synchronous_commit is off: a crash loses the journal's last moments; switch it on for this database",
  ({ read_only, in_recovery }) =>
    read_only === "off" && !in_recovery
      ? null
      : "the server is read-only or a replica: storage.url must name the primary",
];

/** What is wrong with the server, each with what to do. */
export async function checkPostgres(database: SqlDatabase, oldest: number): Promise<readonly string[]> {
  const [facts] = await database.query<Facts>(FACTS);
  return facts === undefined ? [] : RULES.flatMap((rule) => rule(facts, oldest) ?? []);
}
