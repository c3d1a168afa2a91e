import type { ConnectionSpec } from "../catalog/spec.ts";
import type { Delay } from "./model.ts";

/** A process that needs its connection from the start knows this soon whether it gets one. */
export const FIRST_CONNECTION_MS: Delay = [500, 900];
/** The kubelet starts a container that ended at once, then after 10 s, 20 s, 40 s, up to 5 min. */
const AT_ONCE_MS: Delay = [800, 1_800];
const FIRST_BACK_OFF_MS = 10_000;
const LONGEST_BACK_OFF_MS = 300_000;

/** The process ends when its connection is lost. */
export const endsWhenLost = (connection: ConnectionSpec | null): boolean =>
  connection?.onLoss === "exit" || connection?.onLoss === "crash";

/** How long the kubelet waits with a container that it started again `restarts` times already. */
export function restartDelayMs(restarts: number): Delay {
  if (restarts === 0) return AT_ONCE_MS;
  const backOffMs = Math.min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS * 2 ** (restarts - 1));
  return [backOffMs, backOffMs + 1_000];
}
