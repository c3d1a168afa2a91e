import type { ServiceId } from "../../model/cluster.ts";
import type { ExperimentId } from "../../model/experiment.ts";
import type { Suspect } from "../../model/suspect.ts";
import type { Confidence } from "../../model/weekly-report.ts";

/**
 * How sure a finding is: as sure as the strongest suspect that an experiment showed which saw it,
 * of its own service where that got worse, else of any. Null when nothing got worse then, as for a
 * weakness that was seen in the configuration alone.
 * @param suspects strongest first
 */
export function confidenceOf(
  seenIn: readonly ExperimentId[],
  service: ServiceId | null,
  suspects: readonly Suspect[],
): Confidence | null {
  const shown = suspects.filter((one) => one.shownBy.some((id) => seenIn.includes(id)));
  const own = shown.filter((one) => one.service === service);
  const behind = own.length > 0 ? own : shown;
  const best = behind.find((one) => one.standing === "confirmed") ?? behind[0];
  if (best === undefined) return null;
  const { standing, evidence, shownBy, runs, minutes } = best;
  return { standing, evidence, shown: shownBy.length, runs, minutes };
}
