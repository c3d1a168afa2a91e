import type { ShareOf } from "../../model/weekly-report.ts";
import { Z_TWO_SIDED } from "../../stats/normal.ts";
import { wilson } from "../../stats/wilson.ts";

const LEVEL = 0.95;

/** A share with its interval; none without trials. */
export const shareOf = (count: number, of: number): ShareOf => ({
  count,
  of,
  share: of === 0 ? null : { point: count / of, ...wilson(count, of, Z_TWO_SIDED), level: LEVEL },
});
