import type { SQLInputValue } from "node:sqlite";
import type { StreamHead } from "../../../ports/journal.ts";
import type { NewEntries, StoreCalls, StoredEntry } from "./calls.ts";
import type { Connection } from "./connection.ts";

type StreamCalls = Pick<StoreCalls, "append" | "read" | "list" | "listOpen" | "heads" | "rewrite" | "remove">;

const FIRST = `INSERT INTO stream (cluster, name, kind, index_ms, last_seq, open) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (cluster, name) DO NOTHING RETURNING id`;

const NEXT = "UPDATE stream SET last_seq = ?, open = ? WHERE cluster = ? AND name = ? AND last_seq = ? RETURNING id";

const ENTRY = "INSERT INTO entry (stream, seq, at_ms, event) VALUES (?, ?, ?, ?)";

const READ = `SELECT seq, at_ms AS atMs, event FROM entry
  WHERE stream = (SELECT id FROM stream WHERE cluster = ? AND name = ?) ORDER BY seq`;

/** Only where nothing more is to come: an open stream is somebody's. */
const REWRITE = `UPDATE entry SET event = ? WHERE seq = ?
  AND stream = (SELECT id FROM stream WHERE cluster = ? AND name = ? AND NOT open)`;

const REMOVE = "DELETE FROM stream WHERE cluster = ? AND name = ? AND NOT open RETURNING id";

const OF_KIND = "FROM stream WHERE cluster = ? AND kind = ?";
const IN_ORDER = "ORDER BY index_ms, name";
const LIST = `SELECT name ${OF_KIND} AND index_ms >= ? AND index_ms < ? ${IN_ORDER}`;
const LIST_OPEN = `SELECT name ${OF_KIND} AND open ${IN_ORDER}`;
const HEADS = `SELECT name AS stream, index_ms AS indexMs, open ${OF_KIND} ${IN_ORDER}`;

/** The streams of one cluster's journal. */
export function streamCalls({ database, read, write }: Connection, cluster: string): StreamCalls {
  const statement = (text: string) => database.prepare(text);
  const first = statement(FIRST);
  const next = statement(NEXT);
  const entry = statement(ENTRY);
  const readAll = statement(READ);
  const rewrite = statement(REWRITE);
  const remove = statement(REMOVE);
  const removeEntries = statement("DELETE FROM entry WHERE stream = ?");
  const list = statement(LIST);
  const listOpen = statement(LIST_OPEN);
  const heads = statement(HEADS);

  /** Moves the end of the stream; undefined when it is elsewhere. */
  function moveEnd({ stream, kind, afterSeq, indexMs, open, events }: NewEntries): number | undefined {
    const lastSeq = afterSeq + events.length;
    const row =
      afterSeq === 0
        ? first.get(cluster, stream, kind, indexMs, lastSeq, Number(open))
        : next.get(lastSeq, Number(open), cluster, stream, afterSeq);
    return row?.id as number | undefined;
  }
  const namesOf = (rows: readonly Record<string, unknown>[]): string[] => rows.map(({ name }) => String(name));
  const changed = ({ changes }: { readonly changes: number | bigint }): boolean => changes > 0;

  return {
    append: (entries) =>
      write(() => {
        const id = moveEnd(entries);
        if (id === undefined) return false;
        const { afterSeq, atMs, events } = entries;
        events.forEach((event, i) => void entry.run(id, afterSeq + i + 1, atMs, event as SQLInputValue));
        return true;
      }),
    read: (stream) => read(() => readAll.all(cluster, stream) as unknown as StoredEntry[]),
    list: (kind, fromMs, toMs) => read(() => namesOf(list.all(cluster, kind, fromMs, toMs))),
    listOpen: (kind) => read(() => namesOf(listOpen.all(cluster, kind))),
    heads: (kind) =>
      read(() => heads.all(cluster, kind).map((row) => ({ ...row, open: row.open === 1 }) as unknown as StreamHead)),
    rewrite: (stream, seq, event) => write(() => changed(rewrite.run(event as SQLInputValue, seq, cluster, stream))),
    remove: (stream) =>
      write(() => {
        const row = remove.get(cluster, stream);
        if (row === undefined) return false;
        removeEntries.run(row.id as number);
        return true;
      }),
  };
}
