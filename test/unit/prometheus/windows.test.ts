import { describe, expect, test } from "vitest";
import { overlapMs } from "../../../src/adapters/prometheus/read/counts.ts";

/**
 * Samples, one every `scrapeMs` in phase `phaseMs`, in the window of `rangeMs` that ends at `atMs`.
 */
function samplesIn(atMs: number, rangeMs: number, scrapeMs: number, phaseMs: number, leftOpen: boolean): number {
  const fromMs = atMs - rangeMs + (leftOpen ? 1 : 0);
  return Math.floor((atMs - phaseMs) / scrapeMs) - Math.ceil((fromMs - phaseMs) / scrapeMs) + 1;
}

describe.each([
  { stepMs: 60_000, scrapeMs: 15_000 },
  { stepMs: 10_000, scrapeMs: 5_000 },
  { stepMs: 60_000, scrapeMs: 30_000 },
])("windows of steps of $stepMs ms, scraped every $scrapeMs ms", ({ stepMs, scrapeMs }) => {
  const phases = Array.from({ length: scrapeMs }, (_, phaseMs) => phaseMs);
  const shared = stepMs / scrapeMs + 1;
  const odd = (leftOpen: boolean): number =>
    phases.filter(
      (phaseMs) => samplesIn(10 * stepMs, overlapMs(stepMs, scrapeMs), scrapeMs, phaseMs, leftOpen) !== shared,
    ).length;

  test("share exactly one sample up to Prometheus 2, whose windows include both ends, also with scrapes on the grid", () =>
    expect(odd(false)).toBe(0));

  test("share exactly one sample from Prometheus 3 on, whose windows are open on the left, but for one phase in a ms", () =>
    expect(odd(true)).toBe(1));
});
