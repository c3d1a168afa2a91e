import { IncomingWebhookHTTPError, IncomingWebhookRequestError } from "@slack/webhook";
import { AftershockError } from "../../core/model/error.ts";
import { SECOND_MS } from "../../core/model/units.ts";
import { neverConnected } from "../never-connected.ts";

/** What Slack is waited for when it answers 429 without saying how long. */
const DEFAULT_RETRY_AFTER_MS = 30 * SECOND_MS;

/**
 * Turns a failed call into our error, or into "it may have arrived". The library's errors are not
 * passed on as cause: with them the webhook's address could reach a log.
 */
export function outcomeOf(cause: unknown, retryAfter: string | null): "maybe" | AftershockError {
  if (cause instanceof AftershockError) return cause;
  if (cause instanceof IncomingWebhookHTTPError) return refused(cause.statusCode, slackWord(cause.body), retryAfter);
  const code = codeOf(cause);
  // Everything else that ends without an answer may have arrived.
  if (code !== null && neverConnected(code)) {
    return new AftershockError("notify-failed", `Slack could not be reached: ${code}`, {
      retryable: true,
      hint: "check that hooks.slack.com can be reached from here (network policy, proxy, DNS)",
    });
  }
  if (cause instanceof IncomingWebhookRequestError && isRedirect(cause)) {
    return new AftershockError("notify-failed", "Slack's address answered with a redirect, which is not followed", {
      hint: "check slack.webhookUrl: it must be the webhook itself, not a page that leads to it",
    });
  }
  return "maybe";
}

/**
 * A message is taken only when Slack says so: `ok` from an incoming webhook, `{"ok":true}` from a
 * workflow's. Slack and what stands before it also answer 200 with an error, and with a page that
 * asks for a login.
 */
export function whyNotTaken(answer: string): AftershockError | null {
  const text = answer.trim();
  if (text === "ok") return null;
  const { ok, error } = jsonOf(text);
  if (ok === true) return null;
  const word = slackWord(typeof error === "string" ? error : text);
  const hint = text.startsWith("<")
    ? "a web page answered, perhaps one that asks for a login: check slack.webhookUrl and the proxy on the way to it"
    : "Slack did not take the message as it is; check slack.webhookUrl, and report this with the notice's key";
  return new AftershockError("notify-failed", `Slack answered 200, but not that it took the message${word}`, {
    hint,
    retryable: /^: (rate_?limited|internal_error|fatal_error|service_unavailable|request_timeout)$/.test(word),
  });
}

function jsonOf(text: string): { readonly ok?: unknown; readonly error?: unknown } {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}

function refused(status: number, word: string, retryAfter: string | null): AftershockError {
  const message = `Slack answered ${status}${word}`;
  if (status === 429) {
    const seconds = Number.parseInt(retryAfter ?? "", 10);
    const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * SECOND_MS : DEFAULT_RETRY_AFTER_MS;
    return new AftershockError("notify-failed", message, { retryable: true, retryAfterMs });
  }
  if (status >= 500) return new AftershockError("notify-failed", message, { retryable: true });
  return new AftershockError("notify-failed", message, { hint: hintFor(status) });
}

function hintFor(status: number): string {
  if (status === 404 || status === 403 || status === 410) {
    return "the webhook does not exist any more, or its channel is gone: make a new one in Slack and put it where slack.webhookUrl points";
  }
  return "Slack did not take the message as it is; please report this with the notice's key";
}

/**
 * Slack answers with one word (`no_service`); anything else is not repeated, for it may echo the
 * address.
 */
const slackWord = (body: string): string => (/^[a-z_]{2,40}$/.test(body.trim()) ? `: ${body.trim()}` : "");

const isRedirect = ({ original }: IncomingWebhookRequestError): boolean =>
  original.cause instanceof Error && original.cause.message.includes("redirect");

/** The system's or undici's code, however deep it lies. */
function codeOf(cause: unknown): string | null {
  for (let error = cause, depth = 0; error instanceof Error && depth < 6; depth += 1) {
    const { code } = error as { code?: unknown };
    if (typeof code === "string" && !code.startsWith("slack_webhook")) return code;
    error = (error as { original?: unknown }).original ?? error.cause;
  }
  return null;
}
