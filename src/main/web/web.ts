import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { AftershockError } from "../../core/model/error.ts";
import { createWeb } from "../../views/web.tsx";
import type { Wired } from "../wire.ts";
import { webData } from "./web-data.ts";

export interface RunningWeb extends AsyncDisposable {
  /** `http://127.0.0.1:8080` */
  readonly address: string;
}

/** Serves the dashboard. Rejects with `usage` when the port is taken. */
export async function startWeb(
  wired: Wired,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<RunningWeb> {
  const app = createWeb(webData(wired));
  const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
  const server = serve({ fetch: app.fetch, hostname: host, port }, resolve);
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
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}
