import { SECOND_MS } from "../../../core/model/units.ts";
import { timeMs } from "../client/time.ts";
import type { LeaseObject } from "./lease-object.ts";

/** Decides whether the holder of a lease has gone silent. */
export interface Silence {
  /**
   * To be told at each look, with the time by a counter that nobody sets; true when the holder has
   * not renewed for as long as it promised to.
   */
  isSilent(lease: LeaseObject, monotonicMs: number): boolean;
}

/**
 * Compares what we see now with what we saw before, by our own counter, as client-go's leader
 * election does: the holder's clock may be an hour away from ours, so its `renewTime` is only
 * looked at for change (k8s.io/client-go/tools/leaderelection). Nothing is known at first sight.
 */
export function holderSilence(): Silence {
  let seen = { record: "", sinceMs: 0 };
  return {
    isSilent({ spec }, monotonicMs) {
      const record = `${spec?.holderIdentity} ${timeMs(spec?.renewTime)} ${spec?.leaseTransitions}`;
      if (record !== seen.record) seen = { record, sinceMs: monotonicMs };
      const durationMs = (spec?.leaseDurationSeconds ?? 0) * SECOND_MS;
      return monotonicMs - seen.sinceMs >= durationMs;
    },
  };
}
