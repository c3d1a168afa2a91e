import { prometheusSource } from "../../adapters/prometheus/source.ts";
import { judgeThread } from "../../adapters/system/judge/runner.ts";
import type { Settings } from "../../app/preflight/settings.ts";
import { type HistoryKeeper, historyKeeper } from "../../app/records/metrics-history.ts";
import type { Config } from "../../config/load/config.ts";
import { describeError } from "../../core/model/error.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Cache } from "../../ports/journal.ts";
import type { JudgeRunner } from "../../ports/judge.ts";
import type { Log } from "../../ports/log.ts";
import type { MetricsSource } from "../../ports/metrics.ts";
import type { Io } from "../io.ts";
import { type BareOptions, bareConfig } from "./bare-config.ts";
import { type ConfiguredOptions, clockOf, logOf, readConfig, storageOf } from "./configured.ts";
import { prometheusOptions } from "./servers.ts";
import { settingsOf } from "./settings.ts";

/** What judging a past window needs: no cluster, no kubeconfig. */
export interface MetricsOnly extends AsyncDisposable {
  readonly clock: Clock;
  readonly metrics: MetricsSource;
  readonly history: HistoryKeeper;
  readonly judge: JudgeRunner;
  readonly settings: Settings;
}

/**
 * Opens the metrics source of the configuration, or of `--prometheus` alone. History is kept in the
 * configured storage; without one, or while it is away, it is fetched again. `onAnswer` is told of
 * each answer of the source.
 */
export async function openMetrics(
  options: ConfiguredOptions & BareOptions,
  io: Io,
  onAnswer: () => void,
): Promise<MetricsOnly> {
  const isBare = options.prometheus !== undefined;
  const config = isBare ? await bareConfig(options, io) : (await readConfig(options, io)).config;
  const clock = clockOf(config, io);
  const log = tellingAnswers(logOf(config, io), onAnswer);
  const metrics = prometheusSource(await prometheusOptions(config, io, clock, log));
  const storage = isBare ? null : await storageOrNull(config, io, clock, log);
  const settings = settingsOf(config);
  const cache = storage?.cache ?? memoryCache();
  const judge = judgeThread();
  return {
    clock,
    metrics,
    history: historyKeeper({ metrics, cache, clock, log, reachMs: () => settings.historyMs }),
    judge,
    settings,
    async [Symbol.asyncDispose]() {
      await judge[Symbol.asyncDispose]();
      await storage?.close();
    },
  };
}

async function storageOrNull(config: Config, io: Io, clock: Clock, log: Log) {
  try {
    return await storageOf(config, io, { clock, log });
  } catch (cause) {
    log.warn("the storage cannot be opened; the history is fetched anew", { why: describeError(cause) });
    return null;
  }
}

/** Only what this process fetched itself. */
function memoryCache(): Cache {
  const blobs = new Map<string, Uint8Array>();
  return {
    load: async (name) => blobs.get(name) ?? null,
    save: async (name, bytes) => void blobs.set(name, bytes),
    remove: async (name) => void blobs.delete(name),
    names: async (prefix) => [...blobs.keys()].filter((name) => name.startsWith(prefix)),
  };
}

/** The source says of each answer at level debug what it was. */
const tellingAnswers = (log: Log, onAnswer: () => void): Log => ({
  ...log,
  debug(message, fields) {
    if (message === "prometheus answered") onAnswer();
    log.debug(message, fields);
  },
});
