import type { Notice } from "../core/text/notice.ts";

/**
 * What became of a message. `maybe`: the other side did not answer in time, and it may have
 * arrived.
 */
export type Delivery = "sent" | "maybe";

export interface Notifier {
  /**
   * Sends one message. Rejects with `notify-failed`, retryable or not, with `retryAfterMs` when the
   * other side said so; never with a secret in it.
   */
  send(notice: Notice, signal: AbortSignal): Promise<Delivery>;
  /**
   * Says again that `notice` still holds, for receivers that forget what is not repeated. Absent:
   * this one does not forget. Rejects as `send` does; whoever calls it comes back anyway.
   */
  repeat?(notice: Notice, signal: AbortSignal): Promise<void>;
}
