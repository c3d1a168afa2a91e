import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

/**
 * What a request on a wire may meet. refuse: every connection breaks and none is let in for a
 * while; lost: the connection breaks before the request arrives; cut: after it was answered, before
 * the answer arrives; hang: no answer for seconds, then a reset; silence: no answer at all; late:
 * the answer takes its time; twice: the request arrives a second time, on a connection of its own,
 * after it was answered.
 */
export const WIRE_TROUBLES = ["cut", "lost", "late", "twice", "refuse", "hang", "silence"] as const;
export type WireTrouble = (typeof WIRE_TROUBLES)[number];

const REFUSE_MS = 300;
const LATE_MS = 400;
const HANG_MS = 2_500;
/** Longer than any time-out of the worker. */
const SILENCE_MS = 30_000;
/**
 * PostgreSQL's ReadyForQuery, idle:
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** A proxy on loopback that passes bytes on, and spoils one request when told to. */
export interface FaultWire extends AsyncDisposable {
  readonly port: number;
  /** The next bytes that a client sends meet `trouble`; null: none do. */
  arm(trouble: WireTrouble | null): void;
  /** From now on everything arrives, also on new connections, and nothing is answered. */
  silence(): void;
  /** Whether something armed is still waiting for its request. */
  armed(): boolean;
}

/** @param postgres the copy of a request needs the client's start-up message first */
export async function faultWire(targetPort: number, { postgres = false } = {}): Promise<FaultWire> {
  let next: WireTrouble | null = null;
  let refusing = false;
  let silent = false;
  const open = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, ms);
    timers.add(timer);
  };
  const connectOn = (): Socket => keep(createConnection({ port: targetPort, host: "127.0.0.1", noDelay: true }));
  function keep(socket: Socket): Socket {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    return socket.on("error", () => socket.destroy());
  }

  const server = createServer({ noDelay: true }, (client) => {
    keep(client);
    if (refusing) return void client.resetAndDestroy();
    const upstream = connectOn();
    const end = (): void => {
      client.resetAndDestroy();
      upstream.destroy();
    };
    let hello: Buffer | null = null;
    /** What becomes of the answers now. */
    let answer: (chunk: Buffer) => void = (chunk) => void client.write(chunk);
    client.on("data", (chunk) => {
      hello ??= chunk;
      const trouble = next;
      next = null;
      if (trouble === "lost") return end();
      if (trouble === "refuse") {
        refusing = true;
        after(REFUSE_MS, () => {
          refusing = false;
        });
        for (const socket of open) socket.resetAndDestroy();
        return;
      }
      upstream.write(chunk);
      if (trouble === "cut") answer = end;
      if (trouble === "hang" || trouble === "silence") {
        answer = () => undefined;
        after(trouble === "hang" ? HANG_MS : SILENCE_MS, end);
      }
      if (trouble === "late") {
        const held: Buffer[] = [];
        answer = (part) => void held.push(part);
        after(LATE_MS, () => {
          answer = (part) => void client.write(part);
          for (const part of held) answer(part);
        });
      }
      if (trouble === "twice") {
        answer = (part) => {
          answer = (rest) => void client.write(rest);
          sendAgain(connectOn(), postgres ? hello : null, chunk);
          answer(part);
        };
      }
    });
    upstream.on("data", (chunk) => {
      if (!silent) answer(chunk);
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    arm: (trouble) => {
      next = trouble;
    },
    silence: () => {
      silent = true;
    },
    armed: () => next !== null,
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Delivers a copy of `request`, and takes its answer as read. */
function sendAgain(socket: Socket, hello: Buffer | null, request: Buffer): void {
  let greeted = hello === null;
  socket.write(hello ?? request);
  socket.on("data", (chunk) => {
    if (greeted) return void socket.destroy();
    if (!chunk.includes(READY)) return;
    greeted = true;
    socket.write(request);
  });
}
