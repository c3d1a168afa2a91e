import type { WebData, WebStatus } from "../../views/data.ts";
import { remembered } from "./remembered.ts";

/** Many readers who come at once share one look, real ms. */
const KEPT_MS = 1_000;

/**
 * Tells when what pages show was last seen to be changed, ms since the epoch: an experiment, or the
 * status but for its time. The first look counts as a change, for nobody knows what was before.
 */
export function changedAt(
  data: Pick<WebData, "lines" | "status">,
  nowMs: () => number,
  monotonicMs = () => performance.now(),
): () => Promise<number> {
  let known: { readonly lines: object; readonly status: string; readonly atMs: number } | null = null;
  const asked = remembered<number>(KEPT_MS, monotonicMs);
  async function look(): Promise<number> {
    const [lines, status] = await Promise.all([data.lines(), data.status()]);
    const told = timeless(status);
    if (known?.lines !== lines || known.status !== told) {
      // later than the last one also by a clock that was set back
      known = { lines, status: told, atMs: Math.max(nowMs(), (known?.atMs ?? 0) + 1) };
    }
    return known.atMs;
  }
  return () => asked("", look);
}

const timeless = ({ nowMs: _, ...status }: WebStatus): string => JSON.stringify(status);
