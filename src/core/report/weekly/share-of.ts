import type { ShareOf } from "../../model/weekly-report.ts";
import { wilson } from "../../stats/wilson.ts";

const LEVEL = 0.95;
const Z_95 = 1.959964;

/** A share with its interval; none without trials. */
export const shareOf = (count: number, of: number): ShareOf => ({
  count,
  of,
  share: of === 0 ? null : { point: count / of, ...wilson(count, of, Z_95), level: LEVEL },
});
