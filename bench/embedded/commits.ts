import { monitorEventLoopDelay } from "node:perf_hooks";
import { openEmbedded } from "../../src/adapters/storage/sqlite/open.ts";
import type { JournalEvent } from "../../src/core/model/journal.ts";

/**
 * Appends of one experiment's life, and the bytes of each: planned, chosen, intended, injected,
 * cleared, judged, diagnosed, notified.
 */
const SIZES = [1_200, 900, 60, 60, 80, 6_000, 400, 80];

/**
 * How long appends take, ms, while the journal grows to `experiments`, and how long the event loop
 * stood still meanwhile.
 */
export async function commitTimes(folder: string, experiments: number) {
  const { journal, close } = await openEmbedded(folder, "bench", true);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  const times: number[] = [];
  delay.enable();
  for (let number = 0; number < experiments; number += 1) {
    for (const [seq, size] of SIZES.entries()) {
      const event: JournalEvent = { kind: "missed", why: `${number} ${"x".repeat(size)}` };
      const beganMs = performance.now();
      await journal.append(`experiment/${number}`, seq, [event], {
        atMs: number,
        indexMs: number,
        open: seq < SIZES.length - 1,
      });
      times.push(performance.now() - beganMs);
    }
  }
  delay.disable();
  await close();
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => Number(sorted[Math.floor((sorted.length - 1) * share)]?.toFixed(2));
  return {
    experiments,
    commits: sorted.length,
    ms: { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) },
    longest_pause_of_event_loop_ms: Number((delay.max / 1e6).toFixed(1)),
  };
}
