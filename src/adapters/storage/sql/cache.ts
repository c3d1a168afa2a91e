import type { Cache } from "../../../ports/journal.ts";
import type { SqlDatabase } from "./database.ts";

/** Blobs in a table. */
export function sqlCache(database: SqlDatabase, cluster: string): Cache {
  return {
    async load(name) {
      const rows = await database.query<{ bytes: Uint8Array }>(
        "SELECT bytes FROM aftershock.blob WHERE cluster = $1 AND name = $2",
        [cluster, name],
      );
      const bytes = rows[0]?.bytes;
      return bytes === undefined ? null : new Uint8Array(bytes);
    },
    async save(name, bytes) {
      await database.query(
        `INSERT INTO aftershock.blob (cluster, name, bytes) VALUES ($1, $2, $3)
         ON CONFLICT (cluster, name) DO UPDATE SET bytes = EXCLUDED.bytes`,
        [cluster, name, bytes],
      );
    },
    async remove(name) {
      await database.query("DELETE FROM aftershock.blob WHERE cluster = $1 AND name = $2", [cluster, name]);
    },
    async names(prefix) {
      const rows = await database.query<{ name: string }>(
        "SELECT name FROM aftershock.blob WHERE cluster = $1 AND starts_with(name, $2) ORDER BY name",
        [cluster, prefix],
      );
      return rows.map(({ name }) => name);
    },
  };
}
