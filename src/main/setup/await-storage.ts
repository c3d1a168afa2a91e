import { setTimeout as sleep } from "node:timers/promises";
import { describeError, hasCode } from "../../core/model/error.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import type { Io } from "../io.ts";
import { type ConfiguredOptions, logOf, readConfig } from "./configured.ts";
import { answerNotReady, type NotReady } from "./not-ready.ts";

const BETWEEN_TRIES_MS = 5 * SECOND_MS;

/**
 * What `open` gives, tried again while the storage is away or refuses us: a worker without its
 * storage stays up, is not ready, says why, and does nothing else. Null when it was stopped
 * meanwhile. Rejects with everything else.
 */
export async function onceStorageAnswers<T>(
  options: ConfiguredOptions,
  io: Io,
  open: () => Promise<T>,
  betweenTriesMs = BETWEEN_TRIES_MS,
): Promise<T | null> {
  let waiting: NotReady | null = null;
  try {
    while (!io.signal.aborted) {
      try {
        return await unlessStopped(open(), io.signal);
      } catch (cause) {
        if (!hasCode(cause, "storage-unavailable")) throw cause;
        waiting ??= await announce(options, io, describeError(cause));
        waiting.say(describeError(cause));
      }
      await sleep(betweenTriesMs, undefined, { signal: io.signal }).catch(() => undefined);
    }
    return null;
  } finally {
    await waiting?.[Symbol.asyncDispose]();
  }
}

/**
 * Null when it is stopped before the storage has answered, which may take longer than anybody
 * waits; the process ends then, and the connection with it.
 */
async function unlessStopped<T>(opened: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const stopped = new AbortController();
  const stop = new Promise<null>((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true, signal: stopped.signal });
  });
  return Promise.race([opened, stop]).finally(() => stopped.abort());
}

async function announce(options: ConfiguredOptions, io: Io, why: string): Promise<NotReady> {
  const { config } = await readConfig(options, io);
  const waiting = await answerNotReady(config.web, why);
  logOf(config, io).error("the storage is away: nothing is injected until it answers", { why });
  return waiting;
}
