import type { JournalEntry, JournalEvent } from "../../../core/model/journal.ts";
import type { KeptJournal } from "../../../ports/journal.ts";
import { conflict } from "../errors.ts";
import { checkAppend, kindOf, wholeBound } from "../streams.ts";
import type { SqlDatabase } from "./database.ts";

/**
 * Creates the stream, or nothing when it exists (also when a concurrent transaction creates it
 * first: it is waited for).
 */
const FIRST = `WITH head AS (
    INSERT INTO aftershock.stream (cluster, name, kind, index_ms, last_seq, open)
    VALUES ($1, $2, $7, $8, $3::bigint + cardinality($5::text[]), $6)
    ON CONFLICT (cluster, name) DO NOTHING RETURNING 1
  )`;

/**
 * Moves the end of the stream, or nothing when it is elsewhere; the row lock lets one of many win.
 */
const NEXT = `WITH head AS (
    UPDATE aftershock.stream SET last_seq = $3::bigint + cardinality($5::text[]), open = $6
    WHERE cluster = $1 AND name = $2 AND last_seq = $3::bigint RETURNING 1
  )`;

const ENTRIES = `, added AS (
    INSERT INTO aftershock.entry (cluster, stream, seq, at_ms, event)
    SELECT $1, $2, $3::bigint + item.n, $4::bigint, item.event FROM head, unnest($5::text[]) WITH ORDINALITY AS item(event, n)
    RETURNING 1
  ) SELECT count(*)::integer AS added FROM added`;

/** Only where nothing more is to come: an open stream is somebody's. */
const REWRITE = `UPDATE aftershock.entry SET event = $4 WHERE cluster = $1 AND stream = $2 AND seq = $3
  AND EXISTS (SELECT 1 FROM aftershock.stream WHERE cluster = $1 AND name = $2 AND NOT open) RETURNING 1`;

const REMOVE = `WITH head AS (
    DELETE FROM aftershock.stream WHERE cluster = $1 AND name = $2 AND NOT open RETURNING 1
  ), gone AS (
    DELETE FROM aftershock.entry WHERE cluster = $1 AND stream = $2 AND EXISTS (SELECT 1 FROM head)
  ) SELECT 1 FROM head`;

/** A journal in PostgreSQL: an append is one statement, hence all or none. */
export function sqlJournal(database: SqlDatabase, cluster: string): KeptJournal {
  return {
    async append(stream, afterSeq, events, options) {
      checkAppend(stream, afterSeq, events, options);
      const values = [
        cluster,
        stream,
        afterSeq,
        options.atMs,
        events.map((event) => JSON.stringify(event)),
        options.open,
      ];
      const rows =
        afterSeq === 0
          ? await database.query<{ added: number }>(FIRST + ENTRIES, [...values, kindOf(stream), options.indexMs])
          : await database.query<{ added: number }>(NEXT + ENTRIES, values);
      if (rows[0]?.added !== events.length) throw conflict(stream, afterSeq);
    },

    async read(stream) {
      const rows = await database.query<{ seq: string | number; at_ms: string | number; event: string }>(
        "SELECT seq, at_ms, event FROM aftershock.entry WHERE cluster = $1 AND stream = $2 ORDER BY seq",
        [cluster, stream],
      );
      return rows.map(
        (row): JournalEntry => ({
          stream,
          seq: Number(row.seq),
          atMs: Number(row.at_ms),
          event: JSON.parse(row.event) as JournalEvent,
        }),
      );
    },

    async list(kind, fromMs, toMs) {
      const rows = await database.query<{ name: string }>(
        "SELECT name FROM aftershock.stream WHERE cluster = $1 AND kind = $2 AND index_ms >= $3 AND index_ms < $4 ORDER BY index_ms, name",
        [cluster, kind, wholeBound(fromMs), wholeBound(toMs)],
      );
      return rows.map(({ name }) => name);
    },

    async listOpen(kind) {
      const rows = await database.query<{ name: string }>(
        "SELECT name FROM aftershock.stream WHERE cluster = $1 AND kind = $2 AND open ORDER BY index_ms, name",
        [cluster, kind],
      );
      return rows.map(({ name }) => name);
    },

    async heads(kind) {
      const rows = await database.query<{ name: string; index_ms: string | number; open: boolean }>(
        "SELECT name, index_ms, open FROM aftershock.stream WHERE cluster = $1 AND kind = $2 ORDER BY index_ms, name",
        [cluster, kind],
      );
      return rows.map(({ name, index_ms, open }) => ({ stream: name, indexMs: Number(index_ms), open }));
    },

    rewrite: async (stream, seq, event) =>
      (await database.query(REWRITE, [cluster, stream, seq, JSON.stringify(event)])).length > 0,

    remove: async (stream) => (await database.query(REMOVE, [cluster, stream])).length > 0,
  };
}
