import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import type { JournalEvent, StreamKind } from "../../../core/model/journal.ts";
import type { AppendOptions, Cache, KeptJournal } from "../../../ports/journal.ts";
import type { Queue } from "../../../ports/queue.ts";
import { onMessage, type Request, send, toWire } from "./protocol.ts";

/** What a command beside a running worker may use of its storage. */
export interface Served {
  readonly journal: KeptJournal;
  readonly cache: Cache;
  readonly queue: Pick<Queue, "wake">;
}

export interface LocalServer {
  close(): Promise<void>;
}

/**
 * Serves the storage of this process on a Unix socket that only this user can open. Requests that arrive before `storage` is open wait for it.
 * The caller holds the folder's lock, so what lies at `path` is stale.
 */
export async function serveStorage(path: string, storage: Promise<Served>): Promise<LocalServer> {
  await rm(path, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    onMessage(socket, (message) => void answer(socket, message as Request, storage));
  });
  server.listen(path);
  await once(server, "listening");
  await chmod(path, 0o600);
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

async function answer(socket: Socket, { id, call, args }: Request, storage: Promise<Served>): Promise<void> {
  try {
    const method = CALLS[call];
    if (method === undefined) throw new RangeError(`the running process does not know ${call}: is it another version?`);
    const value = (await method(await storage, args)) ?? null;
    if (socket.writable) send(socket, { id, value });
  } catch (cause) {
    if (socket.writable) send(socket, { id, error: toWire(cause) });
  }
}

type Call = (storage: Served, args: readonly unknown[]) => Promise<unknown>;

/** The arguments come from the client of this folder, of the same program. */
const CALLS: Readonly<Record<string, Call>> = {
  append: ({ journal }, args) => journal.append(...(args as AppendArgs)),
  read: ({ journal }, [stream]) => journal.read(String(stream)),
  list: ({ journal }, [kind, fromMs, toMs]) => journal.list(kind as StreamKind, Number(fromMs), Number(toMs)),
  listOpen: ({ journal }, [kind]) => journal.listOpen(kind as StreamKind),
  heads: ({ journal }, [kind]) => journal.heads(kind as StreamKind),
  rewrite: ({ journal }, [stream, seq, event]) => journal.rewrite(String(stream), Number(seq), event as JournalEvent),
  remove: ({ journal }, [stream]) => journal.remove(String(stream)),
  load: async ({ cache }, [name]) => {
    const bytes = await cache.load(String(name));
    return bytes === null ? null : Buffer.from(bytes).toString("base64");
  },
  save: ({ cache }, [name, base64]) => cache.save(String(name), Buffer.from(String(base64), "base64")),
  discard: ({ cache }, [name]) => cache.remove(String(name)),
  names: ({ cache }, [prefix]) => cache.names(String(prefix)),
  wake: ({ queue }, [key, atMs]) => queue.wake(String(key), Number(atMs)),
};

type AppendArgs = [stream: string, afterSeq: number, events: readonly JournalEvent[], options: AppendOptions];
