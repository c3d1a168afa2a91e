import type { ComponentNull } from "../input/nulls.ts";
import { localFloor, ownRanksReach, rankFloor } from "./component-null.ts";

/** Studentised scores beyond this are no service's any more. */
const FARTHEST = 1e3;

/**
 * The studentised score that must be exceeded for p ≤ `p`, in its own null and, beyond what that
 * can tell, in the pooled one; at least 0, and null when no score gets there.
 */
export function criticalV(nullOf: ComponentNull, pool: Float32Array, p: number): number | null {
  const among = p < ownRanksReach(nullOf) ? rankFloor(pool, p) : Number.NEGATIVE_INFINITY;
  const v = Math.max(localFloor(nullOf, p), among, 0);
  return v < FARTHEST ? v : null;
}
