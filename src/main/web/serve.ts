import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { AftershockError } from "../../core/model/error.ts";
import { SECOND_MS } from "../../core/model/units.ts";

export interface RunningWeb extends AsyncDisposable {
  /** `http://127.0.0.1:8080` */
  readonly address: string;
}

/** What a server answers with, and how it ends what would stay open. */
export interface Served {
  readonly listener: RequestListener;
  end(): void;
}

export interface WebOptions {
  readonly host: string;
  readonly port: number;
  /** Names under which it is reached, besides addresses and names inside the cluster. */
  readonly hosts: readonly string[];
  /** Path under which it is reached, without a slash at its end; empty: the root. */
  readonly base: string;
}

/** Nobody holds a connection for longer without asking for something, ms. */
const SERVER_LIMITS = {
  headersTimeout: 5 * SECOND_MS,
  requestTimeout: 10 * SECOND_MS,
  keepAliveTimeout: 5 * SECOND_MS,
};
const MAX_CONNECTIONS = 1_000;

/** Serves pages from this event loop. Rejects with `usage` when the port is taken. */
export async function serveWeb({ listener, end }: Served, { host, port }: WebOptions): Promise<RunningWeb> {
  const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
  const server = createServer(SERVER_LIMITS, listener);
  server.listen(port, host, () => resolve(server.address() as AddressInfo));
  server.maxConnections = MAX_CONNECTIONS;
  server.once("error", (cause: NodeJS.ErrnoException) =>
    reject(
      new AftershockError("usage", `the dashboard cannot listen on ${host}:${port}: ${cause.code ?? cause.message}`, {
        hint: "choose another port (web.port, or --port 0 for any free one)",
        cause,
      }),
    ),
  );
  const bound = await promise;
  const shown = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return {
    address: `http://${shown}:${bound.port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      end();
      await new Promise((written) => setImmediate(written));
      server.closeAllConnections();
      await closed;
    },
  };
}
