import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { jsonLog } from "../../adapters/log/json.ts";
import { plainLog } from "../../adapters/log/plain.ts";
import { clockFrom, systemClock } from "../../adapters/system/clock.ts";
import { refuseNewer } from "../../app/records/journal-schema.ts";
import type { Config } from "../../config/load/config.ts";
import { type LoadedConfig, loadConfig } from "../../config/load/load.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import type { Io } from "../io.ts";
import type { Storage, StorageOptions } from "../storage/opened-storage.ts";
import { openStorage } from "../storage/storage.ts";
import { tellLibraries } from "./libraries.ts";
import { secretsOfUrl } from "./url-secrets.ts";

/** Options that every command with a configuration has. */
export interface ConfiguredOptions {
  readonly config: string;
  readonly json?: boolean;
}

export const systemNowMs = (): number => systemClock().nowMs();

/** The demo's commands show its time: a variable that only a cluster of that name heeds. */
const DEMO = { cluster: "demo", variable: "AFTERSHOCK_DEMO_NOW" } as const;

/**
 * A clock that begins where the demo's story ended, for commands against it; null anywhere else.
 */
export function demoClock({ cluster }: Pick<Config, "cluster">, { env }: Pick<Io, "env">): Clock | null {
  const beginsMs = cluster === DEMO.cluster ? Date.parse(env[DEMO.variable] ?? "") : Number.NaN;
  return Number.isFinite(beginsMs) ? clockFrom(beginsMs) : null;
}

/** The clock of commands that read. */
export const clockOf = (config: Pick<Config, "cluster">, io: Pick<Io, "env">): Clock =>
  demoClock(config, io) ?? systemClock();

/**
 * Reads the configuration that the command line names; `withoutSecrets`, where those of the worker
 * need not be on this machine.
 */
export function readConfig(options: ConfiguredOptions, io: Io, withoutSecrets = false): Promise<LoadedConfig> {
  const file = resolve(io.cwd, options.config);
  return loadConfig(file, io.env, (path) => readFile(path, "utf8"), { withoutSecrets, nowMs: systemNowMs() });
}

/** Only the journal: for commands that read. Loads nothing that talks to a cluster. */
export async function openJournal(
  options: ConfiguredOptions,
  io: Io,
): Promise<{ readonly journal: Storage["journal"]; readonly config: Config } & AsyncDisposable> {
  const { config } = await readConfig(options, io);
  const storage = await storageOf(config, io, { clock: clockOf(config, io), log: logOf(config, io) });
  return { journal: storage.journal, config, [Symbol.asyncDispose]: () => storage.close() };
}

/** Opens the storage. Rejects with `journal-newer` when a newer program has written into it. */
export async function storageOf(
  config: Config,
  io: Io,
  options: Omit<StorageOptions, "cluster" | "cwd">,
): Promise<Storage> {
  const storage = await openStorage(config.storage.url.reveal(), { ...options, cluster: config.cluster, cwd: io.cwd });
  try {
    await refuseNewer(storage.journal);
    return storage;
  } catch (cause) {
    await storage.close();
    throw cause;
  }
}

export function logOf(config: Config, io: Io): Log {
  const options = {
    level: config.log.level,
    write: (line: string) => (io.log ?? io.err)(line),
    redact: secretsOf(config),
  };
  const log = config.log.format === "json" ? jsonLog(options) : plainLog({ ...options, colour: io.terminal });
  tellLibraries(log);
  return log;
}

/** Values that must appear in no log. */
function secretsOf(config: Config): string[] {
  const { bearerToken, headers } = config.prometheus;
  const { alertmanager, webhook } = config;
  const secrets = [
    bearerToken,
    config.slack?.webhookUrl,
    ...Object.values(config.slack?.channels ?? {}),
    webhook?.url,
    webhook?.secret,
    ...Object.values(headers),
    ...Object.values(alertmanager?.headers ?? {}),
  ];
  return [
    ...secrets.flatMap((secret) => (secret == null ? [] : [secret.reveal()])),
    ...secretsOfUrl(config.storage.url.reveal()),
  ];
}
