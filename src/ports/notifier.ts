import type { Notice } from "../core/text/notice.ts";

/**
 * What became of a message. `maybe`: the other side did not answer in time, and it may have
 * arrived. `held`: it waits for a digest.
 */
export type Delivery = "sent" | "maybe" | "held";

/** A channel that gets some of its messages together. */
export interface Digest {
  /** Equal for the same channel after a restart. */
  readonly channel: string;
  /** When it is sent; in the zone of messages. */
  readonly cron: string;
  /** What is urgent waits, too. */
  readonly everything: boolean;
  /** Whether `send` of the notifier holds this message back for it. */
  holds(notice: Notice): boolean;
  /** Sends one message to this channel, at once. */
  send(notice: Notice, signal: AbortSignal): Promise<Delivery>;
}

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
  /** Absent: every message is sent at once. */
  readonly digests?: readonly Digest[];
}
