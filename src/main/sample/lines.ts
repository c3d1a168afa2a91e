import type { Socket } from "node:net";

/** A longer line is no part of the protocol, and its connection ends. */
const LONGEST_LINE = 1_024;

/**
 * Calls `take` with every line that arrives. Errors of the socket are its `close`'s affair: none is
 * left unhandled.
 */
export function onLines(socket: Socket, take: (line: string) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("error", () => socket.destroy());
  socket.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
    if (rest.length > LONGEST_LINE) socket.destroy();
  });
}
