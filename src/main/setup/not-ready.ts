import { createServer } from "node:http";

/** Answers health checks before there is a worker to ask. */
export interface NotReady extends AsyncDisposable {
  /** From now on `/readyz` says this. */
  say(why: string): void;
  readonly port: number;
}

/**
 * `/healthz` is ok, because the loop moves; `/readyz` and everything else answer 503 with the
 * reason. Never rejects: when the port is taken, nobody is answered, and the reason stands in the
 * log alone.
 */
export async function answerNotReady(
  { host, port }: { readonly host: string; readonly port: number },
  why: string,
): Promise<NotReady> {
  let reason = why;
  const server = createServer((request, response) => {
    const alive = request.url === "/healthz";
    response.writeHead(alive ? 200 : 503, { "content-type": "text/plain; charset=utf-8" });
    response.end(alive ? "ok\n" : `not ready: ${reason}\n`);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.once("error", () => resolve());
  server.listen(port, host, resolve);
  await promise;
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    say(now) {
      reason = now;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}
