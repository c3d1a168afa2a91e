import type { Notice } from "../core/text/notice.ts";

/**
 * What became of a message. `maybe`: the other side did not answer in time, and it may have
 * arrived.
 */
export type Delivery = "sent" | "maybe";

/**
 * Sends one message. Rejects with `notify-failed`, retryable or not, with `retryAfterMs` when the
 * other side said so; never with a secret in it.
 */
export interface Notifier {
  send(notice: Notice, signal: AbortSignal): Promise<Delivery>;
}
