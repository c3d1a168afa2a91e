import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DAY_MS, MINUTE_MS } from "../../src/core/model/units.ts";
import { encodeObservation } from "../../src/core/observe/history-codec.ts";
import { type World, windowOf } from "../truth/world.ts";

export const STEP_MS = MINUTE_MS;
const DAY_STEPS = DAY_MS / STEP_MS;
/** What follows the history, and how much of it. */
export const NEXT_DAY = "next-day";
const NEXT_STEPS = 180;

/**
 * Writes a world as a worker keeps its history, a blob a day, and the last day beside it; answers
 * the folder.
 */
export function writeHistory({ services, days }: World): string {
  const folder = mkdtempSync(join(tmpdir(), "aftershock-speed-"));
  for (let day = 0; day < days; day++) {
    const name =
      day === days - 1
        ? NEXT_DAY
        : `history/${STEP_MS}/${new Date(day * DAY_MS).toISOString().slice(0, 10)}`.replaceAll("/", "_");
    const steps = day === days - 1 ? NEXT_STEPS : DAY_STEPS;
    writeFileSync(join(folder, name), encodeObservation(windowOf(services, day * DAY_STEPS, day * DAY_STEPS + steps)));
  }
  return folder;
}
