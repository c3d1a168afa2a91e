import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import type { JournalEntry } from "../../../core/model/journal.ts";
import type { Cache, KeptJournal, StreamHead } from "../../../ports/journal.ts";
import { unavailable } from "../errors.ts";
import { wholeBound } from "../streams.ts";
import { type Answer, fromWire, onMessage, send } from "./protocol.ts";

/** An answer that takes longer is no longer waited for: the first start of the other process takes a few seconds. */
const ANSWER_TIMEOUT_MS = 30_000;

export interface LocalClient {
  readonly journal: KeptJournal;
  readonly cache: Cache;
  wake(key: string, atMs: number): Promise<void>;
  close(): void;
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (cause: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Connects to the process that serves its storage at `path`. Rejects with `storage-unavailable` when none listens. */
export async function connectLocal(path: string, where: string): Promise<LocalClient> {
  const socket = createConnection(path);
  try {
    await once(socket, "connect");
  } catch (cause) {
    socket.destroy();
    throw unavailable(where, cause);
  }
  return clientOn(socket, where);
}

function clientOn(socket: Socket, where: string): LocalClient {
  const ask = caller(socket, where);
  return {
    journal: {
      append: (stream, afterSeq, events, options) => ask("append", stream, afterSeq, events, options),
      read: (stream) => ask<readonly JournalEntry[]>("read", stream),
      // JSON has no infinity
      list: (kind, fromMs, toMs) => ask<readonly string[]>("list", kind, wholeBound(fromMs), wholeBound(toMs)),
      listOpen: (kind) => ask<readonly string[]>("listOpen", kind),
      heads: (kind) => ask<readonly StreamHead[]>("heads", kind),
      rewrite: (stream, seq, event) => ask<boolean>("rewrite", stream, seq, event),
      remove: (stream) => ask<boolean>("remove", stream),
    },
    cache: {
      load: async (name) => {
        const base64 = await ask<string | null>("load", name);
        return base64 === null ? null : new Uint8Array(Buffer.from(base64, "base64"));
      },
      save: (name, bytes) => ask("save", name, Buffer.from(bytes).toString("base64")),
      remove: (name) => ask("discard", name),
      names: (prefix) => ask<readonly string[]>("names", prefix),
    },
    wake: (key, atMs) => ask("wake", key, atMs),
    close: () => socket.destroy(),
  };
}

/** Sends requests over `socket` and pairs the answers with them; every request settles. */
function caller(socket: Socket, where: string): <T = void>(call: string, ...args: unknown[]) => Promise<T> {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  const settle = (id: number): Waiting | undefined => {
    const found = waiting.get(id);
    clearTimeout(found?.timer);
    waiting.delete(id);
    return found;
  };
  const gone = (): Error => unavailable(where, "the process that holds it has ended", "run the command again");

  socket.on("error", () => undefined); // a close follows
  socket.on("close", () => {
    for (const id of [...waiting.keys()]) settle(id)?.reject(gone());
  });
  onMessage(socket, (message) => {
    const answer = message as Answer;
    if ("error" in answer) settle(answer.id)?.reject(fromWire(answer.error));
    else settle(answer.id)?.resolve(answer.value);
  });

  return <T>(call: string, ...args: unknown[]) =>
    new Promise<T>((resolve, reject) => {
      if (socket.destroyed) return reject(gone());
      lastId += 1;
      const id = lastId;
      const timer = setTimeout(() => settle(id)?.reject(unavailable(where, "no answer in time")), ANSWER_TIMEOUT_MS);
      waiting.set(id, { resolve: (value) => resolve(value as T), reject, timer });
      send(socket, { id, call, args });
    });
}
