import type { Pool } from "pg";
import type { SqlDatabase, SqlQuery } from "./database.ts";
import { sqlError } from "./errors.ts";

/** A PostgreSQL server through a pool of connections. */
export function pooledDatabase(pool: Pool, where: string): SqlDatabase {
  const inOurWords = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw sqlError(where, cause);
    }
  };
  return {
    where,
    query: async <Row>(text: string, params: readonly unknown[] = []) =>
      inOurWords(async () => (await pool.query(text, [...params])).rows as Row[]),
    transaction: (work) =>
      inOurWords(async () => {
        const client = await pool.connect();
        const query: SqlQuery = async <Row>(text: string, params: readonly unknown[] = []) =>
          (await client.query(text, [...params])).rows as Row[];
        try {
          await query("BEGIN");
          const result = await work(query);
          await query("COMMIT");
          client.release();
          return result;
        } catch (cause) {
          // a connection that is thrown away cannot leave a transaction open
          client.release(true);
          throw cause;
        }
      }),
  };
}
