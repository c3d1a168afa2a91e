import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onLines } from "./lines.ts";

/** What the application does when it loses its connection to the database. */
export const DB_MODES = ["stale", "reconnect", "exit", "crash"] as const;
export type DbMode = (typeof DB_MODES)[number];

export interface Connection extends Disposable {
  /**
   * The answer to one command. Rejects while there is no connection, and when none comes in time.
   */
  ask(command: string): Promise<string>;
}

/** The first connection is tried this often: the database may start later than the application. */
const BETWEEN_TRIES_MS = 500;
const ANSWER_TIMEOUT_MS = 2_000;

interface Waiting {
  resolve(line: string): void;
  reject(cause: Error): void;
}

/**
 * The application's one connection to its database. In the mode `stale` it is opened once, ever,
 * and a lost one is never opened again: the weakness that the tutorial is about. `reconnect` opens
 * another one; `exit` calls `onLost`, so that Kubernetes starts the container again, and that one
 * waits for the database; `crash` calls it also when the first connection cannot be opened at once.
 */
export async function connectDatabase(
  { host, port }: { readonly host: string; readonly port: number },
  mode: DbMode,
  onLost: () => void,
  signal: AbortSignal,
): Promise<Connection> {
  let waiting: Waiting[] = [];
  let socket: Socket | null = null;
  const lose = (): void => {
    socket = null;
    for (const one of waiting) one.reject(new Error("the connection to the database is lost"));
    waiting = [];
    if (signal.aborted) return;
    if (mode === "exit" || mode === "crash") onLost();
    if (mode === "reconnect") void open().catch(() => undefined);
  };
  const open = async (): Promise<void> => {
    while (!signal.aborted) {
      const opened = await tryOpen(host, port);
      if (opened !== null) {
        socket = opened;
        opened.removeAllListeners("data");
        onLines(opened, (line) => waiting.shift()?.resolve(line));
        opened.on("close", lose);
        return;
      }
      if (mode === "crash") return onLost();
      await sleep(BETWEEN_TRIES_MS, undefined, { signal });
    }
  };
  await open();
  return {
    async ask(command) {
      if (socket === null) throw new Error("there is no connection to the database");
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      waiting.push({ resolve, reject });
      socket.write(`${command}\n`);
      promise.catch(() => undefined);
      // it stays in line: answers come in order, so a late one is not taken for that of the next
      // command
      const late = sleep(ANSWER_TIMEOUT_MS, undefined, { ref: false }).then(() => {
        throw new Error("the database did not answer in time");
      });
      return Promise.race([promise, late]);
    },
    [Symbol.dispose]() {
      socket?.destroy();
    },
  };
}

/**
 * A connection on which the database has answered; null when there is none yet. A sidecar accepts
 * connections before there is a database behind it, and ends them.
 */
function tryOpen(host: string, port: number): Promise<Socket | null> {
  const { promise, resolve } = Promise.withResolvers<Socket | null>();
  const socket = connect({ host, port }, () => socket.write("GET items\n"));
  onLines(socket, () => resolve(socket));
  socket.once("close", () => resolve(null));
  return promise;
}
