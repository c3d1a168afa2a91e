import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { type Loopback, onLoopback } from "./loopback.ts";

/** A request as it went over the wire. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly params: URLSearchParams;
}

export interface Recorder extends Loopback {
  readonly requests: Recorded[];
}

/**
 * A server on loopback that passes every request on to `target` and keeps what was asked; what
 * `answer` answers is not passed on.
 */
export async function startRecorder(
  target: string,
  answer: (request: Recorded) => string | null = () => null,
): Promise<Recorder> {
  const requests: Recorded[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      const { method = "", url = "", headers } = incoming;
      const recorded = { method, path: url, headers, params: new URLSearchParams(body.toString()) };
      requests.push(recorded);
      const own = answer(recorded);
      if (own !== null) {
        outgoing.writeHead(200, { "content-type": "application/json" }).end(own);
        return;
      }
      const passed = httpRequest(new URL(url, target), { method, headers }, (reply) => {
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(outgoing);
      });
      passed.on("error", () => outgoing.destroy());
      passed.end(body);
    });
  });
  return Object.assign(await onLoopback(server), { requests });
}
