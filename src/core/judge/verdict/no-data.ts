import type { ServiceId } from "../../model/cluster.ts";
import type { Signal, SignalVerdict } from "../../model/verdict.ts";

/**
 * The verdict on a signal that could not be read at all; `detail` says why, and what would help.
 */
export const noData = (service: ServiceId, signal: Signal, detail: string): SignalVerdict => ({
  service,
  signal,
  verdict: { kind: "inconclusive", why: "no-data", detail },
  z: null,
  p: null,
  effect: null,
  onsetMs: null,
  minimumDetectable: null,
  learning: true,
  starved: false,
  requests: { before: 0, after: 0 },
});
