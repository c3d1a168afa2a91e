import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../support/requires.ts";
import { type RedisServer, startRedis } from "../support/servers/redis.ts";

/** What everybody is promised, from the last line or from SIGTERM to the end of the process, ms. */
const PROMISED_MS = 10_000;
/** What has not ended by then never does, ms. */
const GIVE_UP_MS = 90_000;
const ROOT = new URL("../../", import.meta.url).pathname;
const PROGRAM = join(ROOT, "dist/aftershock.mjs");

let folder: string;

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [join(ROOT, "scripts/prepare.mjs"), "--build"], { cwd: ROOT });
  folder = mkdtempSync(join(tmpdir(), "aftershock-ends-"));
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface TcpServer extends AsyncDisposable {
  readonly port: number;
}

async function tcpServer(serve: (socket: Socket) => void): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined).on("close", () => sockets.delete(socket)));
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Passes everything on to a real Redis until `swallows` says that a request is never answered. */
const inFrontOf = (redis: RedisServer, swallows: (request: string) => boolean): Promise<TcpServer> =>
  tcpServer((socket) => {
    const behind = connect(redis.port, "127.0.0.1").on("error", () => socket.destroy());
    let gone = false;
    socket.on("data", (bytes) => {
      gone ||= swallows(bytes.toString("latin1"));
      if (!gone) behind.write(bytes);
    });
    behind.on("data", (bytes) => void (gone || socket.write(bytes)));
    socket.on("close", () => behind.destroy());
  });

interface Ended {
  readonly printed: string;
  readonly code: number | null;
  /** From the last thing that it said to its end, ms. */
  readonly afterLastLineMs: number;
  /** From SIGTERM to its end, ms; null: it ended by itself. */
  readonly afterSignalMs: number | null;
}

/**
 * Starts the program, tells it to stop once `stopWhen` resolves, and waits for its end.
 * @param server port of the API server and of Prometheus
 */
async function ended(
  storage: string,
  args: readonly string[],
  { server, stopWhen }: { readonly server: number; readonly stopWhen: Promise<void> | null },
): Promise<Ended> {
  const own = mkdtempSync(join(folder, "run-"));
  const kubeconfig = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "a", users: [{ name: "a", user: { token: "t" } }] },
    clusters: [{ name: "a", cluster: { server: `http://127.0.0.1:${server}` } }],
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
  };
  writeFileSync(join(own, "kubeconfig"), JSON.stringify(kubeconfig));
  const config = join(own, "aftershock.yaml");
  writeFileSync(
    config,
    `cluster: test
prometheus: { url: "http://127.0.0.1:${server}" }
storage: { url: "${storage}" }
web: { host: 127.0.0.1, port: 0 }
policies:
  - name: pods
    schedule: { windows: ["mon-fri 09:00-17:00"], perDay: 2, timezone: UTC }
    target: { namespaces: [shop] }
    faults: [{ kind: pod-delete }]
`,
  );
  const child = spawn(process.execPath, [PROGRAM, ...args, "--config", config], {
    cwd: own,
    env: { ...process.env, KUBECONFIG: join(own, "kubeconfig") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  let lastMs = performance.now();
  const read = (chunk: Buffer): void => {
    printed += chunk.toString();
    lastMs = performance.now();
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  let signalMs: number | null = null;
  void stopWhen?.then(() => {
    if (child.exitCode !== null) return;
    signalMs = performance.now();
    child.kill("SIGTERM");
  });
  // what hangs is told as such, and does not hang the test
  const kill = setTimeout(() => child.kill("SIGKILL"), GIVE_UP_MS);
  await once(child, "close");
  clearTimeout(kill);
  const nowMs = performance.now();
  return {
    printed,
    code: child.exitCode,
    afterLastLineMs: nowMs - lastMs,
    afterSignalMs: signalMs === null ? null : nowMs - signalMs,
  };
}

/** Commands that open the storage, the cluster or Prometheus. */
const COMMANDS: readonly (readonly string[])[] = [
  ["worker"],
  ["run", "--policy", "pods"],
  ["follow-up"],
  ["doctor"],
  ["plan", "--what-if"],
  ["why-not"],
  ["report"],
  ["experiments"],
  ["explain", "pods-20260306T091500Z"],
  ["findings"],
  ["cancel", "pods-20260306T091500Z"],
  ["halt", "--why", "test"],
];

/** What each storage's own client can hold up. */
const FEW: readonly (readonly string[])[] = [["worker"], ["run", "--policy", "pods"], ["experiments"]];

const endedInTime = ({ afterSignalMs, afterLastLineMs }: Ended): boolean =>
  afterSignalMs === null ? afterLastLineMs <= PROMISED_MS : afterSignalMs <= PROMISED_MS;

/** A server that accepts and never answers, and when it was asked something first. */
async function silentServer(): Promise<TcpServer & { readonly asked: Promise<void> }> {
  const asked = Promise.withResolvers<void>();
  const server = await tcpServer((socket) => void socket.once("data", () => asked.resolve()));
  return { ...server, asked: asked.promise };
}

describe("told to stop while nothing answers, every command ends within ten seconds", () => {
  test.each([
    { scheme: "redis", path: "", name: "a Redis that accepts and never answers", commands: COMMANDS },
    { scheme: "redis+sentinel", path: "/mymaster", name: "Sentinels that accept and never answer", commands: FEW },
    { scheme: "postgres", path: "/aftershock", name: "a PostgreSQL that accepts and never answers", commands: FEW },
  ])("over $name", { timeout: 400_000 }, async ({ scheme, path, commands }) => {
    const late: string[] = [];
    // three at a time: each is a process
    for (let i = 0; i < commands.length; i += 3) {
      await Promise.all(
        commands.slice(i, i + 3).map(async (args) => {
          await using silent = await silentServer();
          const storage = `${scheme}://127.0.0.1:${silent.port}${path}`;
          const end = await ended(storage, args, { server: silent.port, stopWhen: silent.asked });
          if (!endedInTime(end)) late.push(`${args.join(" ")}: ${JSON.stringify(end)}`);
        }),
      );
    }
    expect(late).toEqual([]);
  });
});

const redisProgram = findProgram("redis-server", "valkey-server");

describe.skipIf(redisProgram === null)("over a real Redis", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  test.each([["experiments"], ["findings"], ["services"]])(
    "that never answers QUIT, %s ends by itself",
    { timeout: 120_000 },
    async (command) => {
      await using silent = await silentServer();
      await using front = await inFrontOf(redis, (request) => /\bQUIT\b/i.test(request));
      const end = await ended(`redis://127.0.0.1:${front.port}`, [command], { server: silent.port, stopWhen: null });
      expect(endedInTime(end), JSON.stringify(end)).toBe(true);
      expect(end.printed).not.toBe("");
    },
  );

  test("that falls silent under a worker, the worker ends when it is told to", { timeout: 120_000 }, async () => {
    await using silent = await silentServer();
    // by then it has its storage, and asks the cluster
    let isSilent = false;
    const stopWhen = silent.asked.then(() => {
      isSilent = true;
    });
    await using front = await inFrontOf(redis, () => isSilent);
    const end = await ended(`redis://127.0.0.1:${front.port}`, ["worker"], { server: silent.port, stopWhen });
    expect(endedInTime(end), JSON.stringify(end)).toBe(true);
  });
});
