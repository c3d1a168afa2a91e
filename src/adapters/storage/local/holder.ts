import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

/** Who holds the folder, for people; the lock itself is the kernel's. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** What it runs: `worker`, `demo` … */
  readonly command: string;
  readonly since: string;
  /** Whose journal it serves. */
  readonly cluster: string;
}

const FILE = "holder.json";

export async function writeHolder(folder: string, command: string, cluster: string, nowMs: number): Promise<void> {
  const since = new Date(nowMs).toISOString();
  const holder: Holder = { pid: process.pid, host: hostname(), command, since, cluster };
  const path = join(folder, FILE);
  await writeFile(`${path}.new`, `${JSON.stringify(holder)}\n`);
  await rename(`${path}.new`, path);
}

/** Who holds the folder, or null when the file cannot be read. */
export async function readHolder(folder: string): Promise<Holder | null> {
  try {
    return JSON.parse(await readFile(join(folder, FILE), "utf8")) as Holder;
  } catch {
    return null;
  }
}

/** `process 4711 (worker) on my-host, for cluster prod, since …` */
export function describeHolder(holder: Holder | null): string {
  if (holder === null) return "another process";
  const { pid, command, host, cluster, since } = holder;
  return `process ${pid} (${command}) on ${host}, for cluster ${cluster}, since ${since}`;
}

/** A Unix socket's path is cut at 104 bytes (macOS) or 108 (Linux): https://man7.org/linux/man-pages/man7/unix.7.html */
const LONGEST_SOCKET_PATH_BYTES = 103;

/** Where the holder of `folder` (absolute) listens: in the folder, or in the temporary folder when that path is too long. */
export function socketPath(folder: string): string {
  const inside = join(folder, "worker.sock");
  if (Buffer.byteLength(inside) <= LONGEST_SOCKET_PATH_BYTES) return inside;
  return join(tmpdir(), `aftershock-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}.sock`);
}
