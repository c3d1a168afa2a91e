import { type ChildProcess, execFile } from "node:child_process";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findProgram } from "../requires.ts";
import { freePort, startProgram, stopProgram } from "./process.ts";

export interface PostgresServer extends AsyncDisposable {
  readonly port: number;
  /** Names the database `postgres`. */
  readonly url: string;
  /** Ends the server at once (`SIGINT` breaks off connections), keeps its data. */
  stop(): Promise<void>;
  /** Starts it again on the same port with the same data. */
  start(): Promise<void>;
}

/**
 * A real PostgreSQL on a free loopback port, in a folder of its own; `settings` are lines of its
 * configuration, `name=value`.
 */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const [initdb, postgres] = [findProgram("initdb"), findProgram("postgres")];
  if (initdb === null || postgres === null) throw new Error("postgres is not installed");
  const folder = await mkdtemp(join(tmpdir(), "aftershock-postgres-"));
  const user = await unprivilegedUser();
  if (user !== null) await chown(folder, user.uid, user.gid);
  const as = { cwd: folder, ...user };
  const data = join(folder, "data");
  await promisify(execFile)(initdb, ["-D", data, "-U", "aftershock", "-A", "trust", "-E", "UTF8", "--no-sync"], as);
  const port = await freePort();
  const options = ["listen_addresses=127.0.0.1", "unix_socket_directories=", ...settings].flatMap((s) => ["-c", s]);
  let child: ChildProcess | null = null;
  const server: PostgresServer = {
    port,
    url: `postgres://aftershock@127.0.0.1:${port}/postgres`,
    async start() {
      const args = ["-D", data, "-p", String(port), ...options];
      child = await startProgram(postgres, args, "ready to accept connections", as);
    },
    async stop() {
      if (child !== null) await stopProgram(child, "SIGINT");
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** PostgreSQL refuses to run as root: then as its own user, or as nobody. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null;
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const found = lines.find(([name]) => name === "postgres") ?? lines.find(([name]) => name === "nobody");
  if (found === undefined) throw new Error("PostgreSQL refuses to run as root, and there is no user to run it as");
  return { uid: Number(found[2]), gid: Number(found[3]) };
}
