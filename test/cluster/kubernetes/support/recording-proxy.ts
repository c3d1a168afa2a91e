import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { KubeConfig } from "@kubernetes/client-node";
import { fetch } from "undici";
import { type CredentialSource, credentialSource } from "../../../../src/adapters/kubernetes/client/credentials.ts";
import { type Transport, transport } from "../../../../src/adapters/kubernetes/client/transport.ts";

/** One request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly contentType: string | null;
  readonly requestBody: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly responseBody: string;
}

export interface RecordingProxy {
  readonly url: string;
  readonly exchanges: Exchange[];
  /** Breaks every connection that is open, in the middle of whatever it carries. */
  cut(): void;
  close(): Promise<void>;
}

/**
 * A plain HTTP server on loopback that passes every request on to the server of `config` with its
 * credentials, and keeps what went through. Impersonation headers of the caller are passed on.
 */
export async function recordingProxy(config: KubeConfig): Promise<RecordingProxy> {
  const exchanges: Exchange[] = [];
  const { server } = config.getCurrentCluster()!;
  const credentials = credentialSource(config, () => config);
  const over = transport();
  const proxy: Server = createServer((request, response) => {
    pass(request, response, { server, credentials, over }, exchanges).catch((cause: unknown) => {
      response.writeHead(502).end(String(cause));
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    exchanges,
    cut: () => proxy.closeAllConnections(),
    close: async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  { server, credentials, over }: { server: string; credentials: CredentialSource; over: Transport },
  exchanges: Exchange[],
): Promise<void> {
  const requestBody = await text(request);
  const own = ["content-type", "impersonate-user", "accept"];
  const headers = Object.fromEntries(
    own.flatMap((name) => (request.headers[name] ? [[name, String(request.headers[name])]] : [])),
  );
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const signed = await credentials.get(gone.signal);
  const answer = await fetch(`${server}${request.url}`, {
    method: request.method ?? "GET",
    headers: { ...signed.headers, ...headers },
    signal: gone.signal,
    ...(requestBody === "" ? {} : { body: requestBody }),
    dispatcher: (await over.poolsFor(signed)).watches,
  });
  const chunks: string[] = [];
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "application/json" });
  try {
    for await (const chunk of answer.body ?? []) {
      chunks.push(Buffer.from(chunk).toString());
      response.write(chunk);
    }
  } catch {
    // the caller ended a watch
  }
  response.end();
  exchanges.push({
    method: request.method ?? "GET",
    url: request.url ?? "",
    contentType: request.headers["content-type"] ?? null,
    requestBody,
    status: answer.status,
    headers: Object.fromEntries([...answer.headers].filter(([name]) => ["content-type", "retry-after"].includes(name))),
    responseBody: chunks.join(""),
  });
}
