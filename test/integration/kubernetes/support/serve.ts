import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ConnectOptions,
  connect,
  type KubernetesClient,
} from "../../../../src/adapters/kubernetes/client/client.ts";
import { onLoopback } from "../../../support/servers/loopback.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A server on a free loopback port, and a client whose kubeconfig names it; both gone when
 * disposed.
 */
export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly client: KubernetesClient;
  readonly connections: () => number;
}

export async function serve(handler: Handler, options: ConnectOptions = {}): Promise<Served> {
  const server: Server = createServer(handler);
  let connections = 0;
  server.on("connection", () => {
    connections += 1;
  });
  const loopback = await onLoopback(server);
  const { url } = loopback;
  const folder = mkdtempSync(join(tmpdir(), "aftershock-kubernetes-"));
  const client = connect({ kubeconfig: kubeconfigFile(folder, url), ...options });
  return {
    url,
    client,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      await client.close();
      await loopback[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Writes a kubeconfig with one context and answers its path. */
export function kubeconfigFile(folder: string, server: string, user: Readonly<Record<string, unknown>> = {}): string {
  const path = join(folder, "kubeconfig");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "cluster", cluster: { server } }],
    users: [{ name: "user", user }],
    contexts: [{ name: "context", context: { cluster: "cluster", user: "user", namespace: "aftershock" } }],
    "current-context": "context",
  };
  writeFileSync(path, JSON.stringify(config));
  return path;
}

/** One recorded request and answer of `fixtures/kubernetes`. */
export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly request?: unknown;
  readonly response: Readonly<Record<string, unknown>>;
}

export function recorded(name: string): Recorded {
  const file = new URL(`../../../../fixtures/kubernetes/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Recorded;
}

/** Answers with what a real server answered. */
export function replay(response: ServerResponse, name: string): void {
  const { status, headers, response: body } = recorded(name);
  answerJson(response, status, body, headers);
}

export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

export const never = new AbortController().signal;
