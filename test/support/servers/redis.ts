import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../requires.ts";
import { freePort, startProgram, stopProgram } from "./process.ts";

export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Ends the server, keeps its data. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** SIGSTOP: it takes connections and requests, and answers nobody until SIGCONT. */
  signal(signal: "SIGSTOP" | "SIGCONT"): void;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
}

/**
 * A real Redis on a free loopback port, persistent in a folder of its own; `args` are further
 * options of its command line.
 */
export async function startRedis(args: readonly string[] = []): Promise<RedisServer> {
  const program = findProgram("redis-server", "valkey-server");
  if (program === null) throw new Error("redis-server is not installed");
  const folder = await mkdtemp(join(tmpdir(), "aftershock-redis-"));
  const port = await freePort();
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "yes", ...args];
  let child: ChildProcess | null = null;
  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    async start() {
      child = await startProgram(program, options, "Ready to accept connections");
    },
    async stop(signal) {
      if (child !== null) await stopProgram(child, signal);
    },
    signal: (signal) => void child?.kill(signal),
    async [Symbol.asyncDispose]() {
      child?.kill("SIGCONT");
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** A Sentinel on a free loopback port that watches the Redis on `primaryPort` under `name`. */
export async function startSentinel(
  name: string,
  primaryPort: number,
): Promise<AsyncDisposable & { readonly port: number }> {
  const program = findProgram("redis-server", "valkey-server");
  if (program === null) throw new Error("redis-server is not installed");
  const folder = await mkdtemp(join(tmpdir(), "aftershock-sentinel-"));
  const port = await freePort();
  const file = join(folder, "sentinel.conf");
  await writeFile(
    file,
    `port ${port}\nbind 127.0.0.1\ndir ${folder}\nsentinel monitor ${name} 127.0.0.1 ${primaryPort} 1\n`,
  );
  const child = await startProgram(program, [file, "--sentinel"], "+monitor master");
  return {
    port,
    async [Symbol.asyncDispose]() {
      await stopProgram(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
