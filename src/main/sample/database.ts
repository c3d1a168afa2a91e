import { createServer, type Socket } from "node:net";
import { onLines } from "./lines.ts";

/** A part of the sample application that runs until it is closed. */
export interface Part extends AsyncDisposable {
  readonly port: number;
}

/**
 * A key-value store over TCP, one line a command: `GET k` answers `VALUE v` or `NONE`, `SET k v`
 * answers `OK`. Its data lives as long as the process.
 */
export async function startDatabase(port: number, host = "0.0.0.0"): Promise<Part> {
  const values = new Map([
    ["items", "3 items"],
    ["orders", "2 orders"],
  ]);
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    onLines(socket, (line) => socket.write(`${answer(values, line)}\n`));
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  await promise;
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

function answer(values: Map<string, string>, line: string): string {
  const [command, key = "", ...rest] = line.split(" ");
  if (command === "GET") return values.has(key) ? `VALUE ${values.get(key)}` : "NONE";
  if (command === "SET" && key !== "") {
    values.set(key, rest.join(" "));
    return "OK";
  }
  return "ERROR expected GET key or SET key value";
}
