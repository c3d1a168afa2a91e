import type { ServiceId } from "../model/cluster.ts";
import type { SignalVerdict } from "../model/verdict.ts";
import type { DiagnosisInput } from "./input.ts";

/**
 * Whether answers of `services` surely became slower while pods were missing, stayed slow for
 * longer than the step in which that began, and were not surely fast again before the last
 * replacement was Ready. False when any of it is not known.
 * @param readyMs from the injection until the last replacement was Ready; null: not known
 */
export function isOverloaded(
  services: readonly ServiceId[],
  readyMs: number | null,
  { judgement, t0Ms }: Pick<DiagnosisInput, "judgement" | "t0Ms">,
): boolean {
  return (
    readyMs !== null &&
    judgement.verdicts.some(
      (one) => one.signal === "latency" && services.includes(one.service) && isSlowUntil(one, readyMs, t0Ms),
    )
  );
}

function isSlowUntil({ verdict, onsetMs }: SignalVerdict, readyMs: number, t0Ms: number): boolean {
  if (onsetMs === null || !("recoveredAfterMs" in verdict)) return false;
  const begunMs = onsetMs.high - t0Ms;
  const { low, high } = verdict.recoveredAfterMs;
  return begunMs <= readyMs && low >= begunMs && high >= readyMs;
}
