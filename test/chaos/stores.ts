import { rmSync } from "node:fs";
import { embeddedFolder } from "../support/embedded.ts";
import { findProgram } from "../support/requires.ts";
import { startPostgres } from "../support/servers/postgres.ts";
import { startRedis } from "../support/servers/redis.ts";
import type { Store } from "./harness.ts";

export type OpenStore = Store & AsyncDisposable;

interface Backend {
  /** What the machine must have, or null. */
  readonly program: string | null;
  open(): Promise<OpenStore>;
}

/**
 * Servers that all workers of a campaign share; each part of the journal has a cluster name of its
 * own there.
 */
const server = async (name: string, started: Promise<{ url: string } & AsyncDisposable>): Promise<OpenStore> => {
  const running = await started;
  return {
    name,
    remote: true,
    newPart: async () => running.url,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
};

export const BACKENDS: Readonly<Record<string, Backend>> = {
  redis: { program: "redis-server", open: () => server("redis", startRedis()) },
  postgres: { program: "postgres", open: () => server("postgres", startPostgres()) },
  embedded: { program: null, open: embedded },
};

/** Why a back end cannot be used on this machine, or null. */
export const whyMissing = ({ program }: Backend): string | null =>
  program === null || findProgram(program) !== null ? null : `${program} is not installed`;

/** Each part is a folder of its own. */
async function embedded(): Promise<OpenStore> {
  const folders: string[] = [];
  return {
    name: "embedded",
    remote: false,
    async newPart() {
      const folder = await embeddedFolder();
      folders.push(folder);
      return `embedded:${folder}`;
    },
    async [Symbol.asyncDispose]() {
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}
