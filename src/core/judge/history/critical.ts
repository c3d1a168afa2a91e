import { type ComponentNull, localP, ownRanksReach, rankFloor } from "./component-null.ts";

/** Studentised scores beyond this are no service's any more. */
const FARTHEST = 1e3;

/**
 * The smallest studentised score with p ≤ `p`, in its own null and, beyond what that can tell, in the pooled one; null when the ranks are too few for any score to
 * get there.
 */
export function criticalV(nullOf: ComponentNull, pool: Float32Array, p: number): number | null {
  const floor = p < ownRanksReach(nullOf) ? rankFloor(pool, p) : Number.NEGATIVE_INFINITY;
  const enough = (v: number): boolean => v > floor && localP(nullOf, v) <= p;
  if (!enough(FARTHEST)) return null;
  let [low, high] = [0, FARTHEST];
  for (let i = 0; i < 60 && high - low > 1e-2; i++) {
    const middle = (low + high) / 2;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
