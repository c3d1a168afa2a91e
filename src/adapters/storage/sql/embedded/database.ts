import type { PGlite, Transaction } from "@electric-sql/pglite";
import type { SqlDatabase, SqlQuery } from "../database.ts";
import { sqlError } from "../errors.ts";
import { ensureSpace } from "./space.ts";

/** The database in this process. A statement that writes is refused with `storage-full` while the disk has too little room. */
export function embeddedDatabase(database: PGlite, folder: string, afterEach: () => void): SqlDatabase {
  const where = `embedded:${folder}`;
  return {
    where,
    async query<Row>(text: string, params: readonly unknown[] = []) {
      if (!text.startsWith("SELECT")) await ensureSpace(folder);
      try {
        return await run<Row>(database, text, params);
      } catch (cause) {
        throw sqlError(where, cause);
      } finally {
        afterEach();
      }
    },
    async transaction(work) {
      await ensureSpace(folder);
      try {
        return await database.transaction((tx) => {
          const query: SqlQuery = (text, params = []) => run(tx, text, params);
          return work(query);
        });
      } catch (cause) {
        throw sqlError(where, cause);
      }
    },
  };
}

async function run<Row>(on: PGlite | Transaction, text: string, params: readonly unknown[]): Promise<readonly Row[]> {
  return (await on.query<Row>(text, [...params])).rows;
}
