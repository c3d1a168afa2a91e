import type { JournalEntry, JournalEvent } from "../../../core/model/journal.ts";
import type { Cache, KeptJournal } from "../../../ports/journal.ts";
import { conflict } from "../errors.ts";
import { pack, unpack } from "../packed.ts";
import { checkAppend, kindOf, wholeBound } from "../streams.ts";
import type { Stored } from "./calls.ts";
import type { RemoteStore } from "./remote.ts";

/** JSON as text, which people can read; what is long is packed. */
async function encode(event: JournalEvent): Promise<Stored> {
  const text = JSON.stringify(event);
  const bytes = Buffer.from(text);
  const packed = await pack(bytes);
  return packed.length < bytes.length ? packed : text;
}

const decode = async (event: Stored): Promise<JournalEvent> =>
  JSON.parse(typeof event === "string" ? event : Buffer.from(await unpack(event)).toString()) as JournalEvent;

/** A journal in SQLite: an append is one transaction, hence all or none. */
export function sqliteJournal(store: RemoteStore): KeptJournal {
  return {
    async append(stream, afterSeq, events, options) {
      checkAppend(stream, afterSeq, events, options);
      const encoded = await Promise.all(events.map(encode));
      const entries = { stream, kind: kindOf(stream), afterSeq, ...options, events: encoded };
      if (!(await store.call("append", entries))) throw conflict(stream, afterSeq);
    },
    async read(stream) {
      const entries = await store.call("read", stream);
      return Promise.all(
        entries.map(
          async ({ seq, atMs, event }): Promise<JournalEntry> => ({
            stream,
            seq,
            atMs,
            event: await decode(event),
          }),
        ),
      );
    },
    list: (kind, fromMs, toMs) => store.call("list", kind, wholeBound(fromMs), wholeBound(toMs)),
    listOpen: (kind) => store.call("listOpen", kind),
    heads: (kind) => store.call("heads", kind),
    rewrite: async (stream, seq, event) => store.call("rewrite", stream, seq, await encode(event)),
    remove: (stream) => store.call("remove", stream),
  };
}

/** Blobs in a table. */
export function sqliteCache(store: RemoteStore): Cache {
  return {
    load: (name) => store.call("load", name),
    save: (name, bytes) => store.call("save", name, bytes),
    remove: (name) => store.call("discard", name),
    names: (prefix) => store.call("names", prefix),
  };
}
