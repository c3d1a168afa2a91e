import type { BackendFactory, QueueOptions, RedisQueueBackend } from "bullmq";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";

export interface QueueDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** How many times as fast as a real one the clock runs; BullMQ only knows real delays. */
  readonly speed: number;
  /** A job whose process died is delivered again after 1.5 times this, at the latest. */
  readonly lockMs: number;
}

/** What differs between the back ends of BullMQ. */
export interface Backend {
  readonly where: string;
  readonly name: string;
  /** Options for one producer, and for one consumer with its own connection. */
  options(role: "producer" | "consumer"): QueueOptions;
  readonly factory: BackendFactory<RedisQueueBackend>;
}
