import { setTimeout as delay } from "node:timers/promises";
import { IncomingWebhook } from "@slack/webhook";
import { type Dispatcher, fetch, ProxyAgent, type RequestInit } from "undici";
import { AftershockError } from "../../core/model/error.ts";
import type { Delivery, Notifier } from "../../ports/notifier.ts";
import { firstBytes } from "../first-bytes.ts";
import { slackMessage } from "./blocks.ts";
import { outcomeOf, whyNotTaken } from "./failure.ts";
import { MIN_SPACING_MS } from "./limits.ts";

export interface SlackOptions {
  /** A secret: it is in no error and no log. */
  readonly webhookUrl: string;
  /** The webhook as its file has it now; left out, it stays what it is. Never rejects. */
  readonly reread?: () => Promise<string>;
  /** Address of the HTTP proxy that leads to Slack; null or left out: none. */
  readonly proxy?: string | null;
  /** How long Slack may take to answer, in real ms. */
  readonly timeoutMs: number;
  /**
   * Least time between two messages, in real ms; Slack allows about one a second for each webhook.
   */
  readonly spacingMs?: number;
  /**
   * A clock that never goes back, in ms, and a way to wait on it: Slack's limits are real time
   * whatever clock the worker runs on.
   */
  readonly monotonicMs?: () => number;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Posts notices to an incoming webhook, one at a time and never faster than Slack allows. It never
 * tries again by itself: a message without an answer may have arrived (`maybe`), and only the
 * journal knows whether it should be sent once more.
 * @throws AftershockError `config-invalid` when the webhook is no address
 */
export function slackNotifier(options: SlackOptions): Notifier {
  requireWebAddress(options.webhookUrl);
  const { spacingMs = MIN_SPACING_MS, monotonicMs = () => performance.now() } = options;
  const wait = options.wait ?? ((ms, signal) => delay(ms, undefined, { signal }));
  let queue: Promise<unknown> = Promise.resolve();
  let lastSentMs = Number.NEGATIVE_INFINITY;
  const dispatcher = options.proxy == null ? undefined : new ProxyAgent(options.proxy);
  return {
    send(notice, signal) {
      const mine = queue.then(async () => {
        signal.throwIfAborted();
        const dueMs = lastSentMs + spacingMs - monotonicMs();
        if (dueMs > 0) await wait(dueMs, signal);
        lastSentMs = monotonicMs();
        const webhookUrl = (await options.reread?.()) ?? options.webhookUrl;
        requireWebAddress(webhookUrl);
        return post({ ...options, webhookUrl, dispatcher }, slackMessage(notice), signal);
      });
      queue = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** Checked here, because an error of `fetch` would quote the address. */
function requireWebAddress(webhookUrl: string): void {
  const protocol = URL.canParse(webhookUrl) ? new URL(webhookUrl).protocol : "";
  if (protocol === "https:" || protocol === "http:") return;
  throw new AftershockError("config-invalid", "slack.webhookUrl: expected an address that starts with https://", {
    hint: "copy it from Slack's page of the app, under Incoming Webhooks",
  });
}

/**
 * One call. A new client each time, so that two calls never share the header that is caught on the
 * way.
 */
async function post(
  { webhookUrl, timeoutMs, dispatcher }: SlackOptions & { readonly dispatcher: Dispatcher | undefined },
  message: ReturnType<typeof slackMessage>,
  signal: AbortSignal,
): Promise<Delivery> {
  let retryAfter: string | null = null;
  const webhook = new IncomingWebhook(webhookUrl, {
    timeout: timeoutMs,
    retryConfig: { retries: 0 },
    fetch: async (url, { signal: timeout, ...init } = {}) => {
      const signals = timeout === undefined ? [signal] : [signal, timeout];
      const request = { ...init, signal: AbortSignal.any(signals) } as RequestInit;
      const response = await fetch(String(url), dispatcher === undefined ? request : { ...request, dispatcher });
      retryAfter = response.headers.get("retry-after");
      return bounded(response);
    },
  });
  try {
    const { text } = await webhook.send(message);
    const problem = whyNotTaken(text);
    if (problem === null) return "sent";
    throw problem;
  } catch (cause) {
    const outcome = outcomeOf(cause, retryAfter);
    if (outcome === "maybe") return "maybe";
    throw outcome;
  }
}

/** Slack answers with a word or a line of JSON; of a page only the beginning is read. */
const ANSWER_MAX_BYTES = 16_384;

async function bounded(response: Awaited<ReturnType<typeof fetch>>): Promise<Response> {
  const bytes = await firstBytes(response.body, ANSWER_MAX_BYTES);
  const { status, statusText, headers } = response;
  const body = status === 204 || status === 304 ? null : bytes.subarray(0, ANSWER_MAX_BYTES);
  return new Response(body, { status, statusText, headers: [...headers] });
}
