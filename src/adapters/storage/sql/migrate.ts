import { unusable } from "../errors.ts";
import type { SqlDatabase, SqlQuery } from "./database.ts";
import { MIGRATIONS, type Migration } from "./migrations.ts";

/** Any number that nobody else uses: processes that start together migrate one after the other. */
const MIGRATION_LOCK = 7_203_964_115;

/**
 * Brings the schema forward, in one transaction, and records each step; what is there is kept.
 * Answers the version reached. Rejects with `storage-unavailable` when a newer Aftershock has been
 * here.
 */
export async function migrate(database: SqlDatabase, migrations: readonly Migration[] = MIGRATIONS): Promise<number> {
  const known = migrations.at(-1)?.version ?? 0;
  return database.transaction(async (query) => {
    await query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    const from = await currentVersion(query);
    if (from > known) {
      throw unusable(
        database.where,
        `its schema is version ${from}, and this program knows ${known}`,
        "use the newest Aftershock that has written here, or another database",
      );
    }
    for (const migration of migrations.filter(({ version }) => version > from)) await apply(query, migration);
    return known;
  });
}

async function currentVersion(query: SqlQuery): Promise<number> {
  await query("CREATE SCHEMA IF NOT EXISTS aftershock");
  await query(
    "CREATE TABLE IF NOT EXISTS aftershock.migration (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
  );
  const rows = await query<{ version: number }>(
    "SELECT COALESCE(max(version), 0)::integer AS version FROM aftershock.migration",
  );
  return rows[0]?.version ?? 0;
}

async function apply(query: SqlQuery, migration: Migration): Promise<void> {
  for (const statement of migration.statements) await query(statement);
  await query("INSERT INTO aftershock.migration (version, name) VALUES ($1, $2)", [migration.version, migration.name]);
}
