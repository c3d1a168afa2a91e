import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { PGlite } from "@electric-sql/pglite";
import { ensureSpace } from "./space.ts";

interface PoolResult<Row> {
  rows: Row[];
  rowCount: number | null;
}

/** A writer that ignores refusals would spin: a refusal on a full disk takes this long. */
const REFUSAL_MS = 1_000;

/**
 * The database in this process, with the face of node-postgres' pool: what BullMQ's PostgreSQL back end asks of one. There is no socket and
 * no second session, so nothing can be mixed up between clients (pglite-socket does, it locks per chunk and not per exchange).
 */
export class EmbeddedPool extends EventEmitter {
  readonly #database: PGlite;
  readonly #folder: string;
  readonly #afterEach: () => void;

  constructor(database: PGlite, folder: string, afterEach: () => void) {
    super();
    this.#database = database;
    this.#folder = folder;
    this.#afterEach = afterEach;
  }

  /** Runs `text`; several statements at once only without parameters. */
  async query<Row = unknown>(text: string, params: readonly unknown[] = []): Promise<PoolResult<Row>> {
    await ensureSpace(this.#folder).catch(async (full: unknown) => {
      await sleep(REFUSAL_MS, undefined, { ref: false });
      throw full;
    });
    const result =
      params.length > 0 ? await this.#database.query<Row>(text, [...params]) : (await this.#database.exec(text)).at(-1);
    this.#afterEach();
    return { rows: (result?.rows ?? []) as Row[], rowCount: result?.affectedRows ?? null };
  }

  async connect(): Promise<EmbeddedClient> {
    return new EmbeddedClient(this, this.#database);
  }

  /** The database is closed by who opened it. */
  async end(): Promise<void> {}
}

/** A connection of the pool, as LISTEN needs one. */
class EmbeddedClient extends EventEmitter {
  readonly #pool: EmbeddedPool;
  readonly #unlisten: () => void;

  constructor(pool: EmbeddedPool, database: PGlite) {
    super();
    this.#pool = pool;
    this.#unlisten = database.onNotification((channel, payload) => this.emit("notification", { channel, payload }));
  }

  query<Row = unknown>(text: string, params: readonly unknown[] = []): Promise<PoolResult<Row>> {
    return this.#pool.query<Row>(text, params);
  }

  release(): void {
    this.#unlisten();
  }
}
