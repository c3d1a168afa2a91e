import { expect, test, vi } from "vitest";
import { patience } from "../../../src/main/print/patience.ts";

test("a long reading says how many answers came, every few seconds, and stops with the reading", () => {
  vi.useFakeTimers();
  try {
    let nowMs = 0;
    const told: string[] = [];
    const waiting = patience({ monotonicMs: () => nowMs }, (text) => void told.push(text), 5_000);
    waiting.answered();
    nowMs = 5_000;
    vi.advanceTimersByTime(5_000);
    waiting.answered();
    nowMs = 10_000;
    vi.advanceTimersByTime(5_000);
    waiting[Symbol.dispose]();
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual(["reading: 1 answer of Prometheus in 5 s\n", "reading: 2 answers of Prometheus in 10 s\n"]);
  } finally {
    vi.useRealTimers();
  }
});
