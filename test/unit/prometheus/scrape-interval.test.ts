import { expect, test } from "vitest";
import type { Session } from "../../../src/adapters/prometheus/client/session.ts";
import { readScrapeInterval } from "../../../src/adapters/prometheus/read/health.ts";
import type { Signals } from "../../../src/adapters/prometheus/signals/signals.ts";

/** Samples of a mesh that was first scraped at `-sinceS`, every `everyS`. */
const intervalOf = (everyS: number, sinceS: number): Promise<number | null> => {
  const rows = async (query: string) => {
    const spanS = Number(/\[(\d+)ms\]/.exec(query)?.[1]) / 1000;
    const samples = Math.floor(Math.min(spanS - 0.001, sinceS) / everyS) + 1;
    return [{ labels: {}, value: samples }];
  };
  const signals = { queries: { scrapes: "count_over_time(m[$range])" } } as unknown as Signals;
  return readScrapeInterval({ rows } as unknown as Session, signals, 0);
};

test.each([
  { everyS: 5, sinceS: 3_600, expected: 5_000 },
  { everyS: 30, sinceS: 3_600, expected: 30_000 },
  { everyS: 60, sinceS: 3_600, expected: 60_000 },
  { everyS: 120, sinceS: 3_600, expected: expect.closeTo(110_000, -5) },
  { everyS: 5, sinceS: 7, expected: null },
  { everyS: 15, sinceS: 20, expected: null },
  { everyS: 15, sinceS: 1, expected: null },
])("scraped every $everyS s for $sinceS s: $expected", async ({ everyS, sinceS, expected }) => {
  expect(await intervalOf(everyS, sinceS)).toEqual(expected);
});
