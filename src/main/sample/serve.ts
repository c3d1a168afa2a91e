import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Part } from "./database.ts";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

export type Answerer = (path: string) => Promise<Answer>;

/** A pod that ends keeps answering for this long, until nobody sends it requests any more. */
const SHUTDOWN_DELAY_MS = 2_000;

/** Serves `answer` over HTTP. What it throws is a 500 with the message. */
export async function serveHttp(port: number, answer: Answerer, host = "0.0.0.0"): Promise<Part> {
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "/").split("?")[0]!;
    const { status, body } = await answer(path).catch((cause: unknown) => ({
      status: 500,
      body: cause instanceof Error ? cause.message : String(cause),
    }));
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(`${body}\n`);
  };
  const server = createServer((request, response) => void handle(request, response));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  await promise;
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      await Promise.race([closed, sleep(SHUTDOWN_DELAY_MS)]);
      server.closeAllConnections();
      await closed;
    },
  };
}
