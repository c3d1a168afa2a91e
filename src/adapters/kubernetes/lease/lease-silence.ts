import { SECOND_MS } from "../../../core/model/units.ts";
import { timeMs } from "../client/time.ts";
import type { LeaseObject } from "./lease-object.ts";

/** A lease this many times its duration old is dead at first sight: no skew of clocks explains it. */
const DEAD_AFTER_DURATIONS = 40;
/** Looks at an unchanged lease that it takes: one jump of our clock is not a holder's silence. */
const MIN_LOOKS = 3;

/** Decides whether the holder of a lease has gone silent. */
export interface Silence {
  /** To be asked at each look; true when the holder has not renewed for as long as it promised to. */
  isSilent(lease: LeaseObject, nowMs: number): boolean;
}

/**
 * Compares what we see now with what we saw before, on our own clock, as client-go's leader election does: the holder's clock may differ from ours,
 * so its `renewTime` is only looked at for change (k8s.io/client-go/tools/leaderelection).
 */
export function holderSilence(): Silence {
  let seen = { record: "", sinceMs: 0, looks: 0 };
  return {
    isSilent({ spec }, nowMs) {
      const renewedMs = timeMs(spec?.renewTime) ?? 0;
      const durationMs = (spec?.leaseDurationSeconds ?? 0) * SECOND_MS;
      const record = `${spec?.holderIdentity} ${renewedMs} ${spec?.leaseTransitions}`;
      if (record !== seen.record || nowMs < seen.sinceMs) seen = { record, sinceMs: nowMs, looks: 0 };
      seen.looks += 1;
      if (nowMs - renewedMs >= DEAD_AFTER_DURATIONS * durationMs) return true;
      return seen.looks >= MIN_LOOKS && nowMs - seen.sinceMs >= durationMs;
    },
  };
}
