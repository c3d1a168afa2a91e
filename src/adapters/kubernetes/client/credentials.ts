import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import { describeError } from "../../../core/model/error.ts";
import { MINUTE_MS, SECOND_MS } from "../../../core/model/units.ts";

/** Who we are and whom we trust, at one moment. */
export interface Credentials {
  readonly config: KubeConfig;
  readonly headers: Readonly<Record<string, string>>;
  /** Certificates and what belongs to them. */
  readonly options: RequestOptions;
}

export interface CredentialSource {
  /**
   * Asks the kubeconfig's plugin, token file or provider where there is one. Rejects with
   * NoCredentials, also when `signal` aborts first.
   */
  get(signal: AbortSignal): Promise<Credentials>;
  /**
   * The server did not take them: what is remembered of them is read and asked for afresh the next
   * time.
   */
  refused(): void;
}

/** There is nobody to be, so nothing was sent. */
export class NoCredentials extends Error {
  readonly code = "NO_CREDENTIALS";

  constructor(why: unknown) {
    super(wordsOf(why)); // what cannot be read is quoted by its error, and may be a token: no cause
    this.name = "NoCredentials";
  }
}

function wordsOf(why: unknown): string {
  if (why instanceof SyntaxError) return "what the kubeconfig's plugin or provider answers cannot be read";
  return describeError(why).trim().slice(0, MESSAGE_MAX_CHARS) || "the plugin failed without a word";
}

const MESSAGE_MAX_CHARS = 300;
/**
 * A plugin that waits for so long, for somebody at a browser perhaps, is not waited for any more:
 * the next request asks another time, ms.
 */
const STUCK_MS = MINUTE_MS;
/** Credentials that are refused again and again are asked for again this often, ms. */
const AGAIN_MS = 10 * SECOND_MS;

/**
 * client-node asks a plugin once for each request that finds nothing remembered, waits for it
 * without end, and keeps for ever what has no end of its own. Here many requests wait for one
 * answer, each as long as it likes, and a refusal makes everything be read again: plugin, token,
 * kubeconfig.
 * @param reread the same kubeconfig as it is now; throws when it cannot be had
 */
export function credentialSource(first: KubeConfig, reread: () => KubeConfig): CredentialSource {
  let config = first;
  let asking: { readonly answer: Promise<Credentials>; readonly sinceMs: number } | null = null;
  let rereadMs = Number.NEGATIVE_INFINITY;
  let stale = false;

  async function ask(): Promise<Credentials> {
    if (stale) {
      stale = false;
      config = rereadOr(config, reread);
    }
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const headers = Object.entries(options.headers ?? {}).map(([name, value]) => [name, String(value).trim()]);
    if (options.auth) headers.push(["Authorization", `Basic ${Buffer.from(options.auth).toString("base64")}`]);
    return { config, headers: Object.fromEntries(headers), options };
  }

  return {
    async get(signal) {
      const nowMs = performance.now();
      if (asking === null || nowMs - asking.sinceMs > STUCK_MS) {
        const mine = { answer: ask(), sinceMs: nowMs };
        const done = (): void => {
          if (asking === mine) asking = null;
        };
        mine.answer.then(done, done);
        asking = mine;
      }
      return unlessAborted(asking.answer, signal).catch((cause: unknown) => {
        throw new NoCredentials(cause);
      });
    },
    refused() {
      const nowMs = performance.now();
      if (nowMs - rereadMs < AGAIN_MS) return;
      rereadMs = nowMs;
      stale = true;
    },
  };
}

/**
 * Somebody may be writing the file, or may have turned it to another cluster: what we have is all
 * there is then.
 */
function rereadOr(config: KubeConfig, reread: () => KubeConfig): KubeConfig {
  try {
    const now = reread();
    const same = now.getCurrentCluster()?.server === config.getCurrentCluster()?.server;
    return same ? now : config;
  } catch {
    return config;
  }
}

async function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([answer, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
