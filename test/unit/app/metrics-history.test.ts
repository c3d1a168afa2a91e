import { expect, test } from "vitest";
import { historyKeeper } from "../../../src/app/records/metrics-history.ts";
import type { Grid, Observation } from "../../../src/core/model/series.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import type { MetricsSource } from "../../../src/ports/metrics.ts";
import { handClock, memoryCache } from "../../support/app.ts";
import { keptLog } from "../../support/storage.ts";
import { observe } from "../judge/scenario.ts";

const NOW = Date.parse("2026-03-06T09:00:00Z");
const signal = AbortSignal.timeout(60_000);
const never = () => Promise.reject(new Error("not asked here"));

/** A source that has what `has` says, and notes which spans it was asked for. */
function openKeeper({ cache = memoryCache(), has = (_: Grid): boolean => true } = {}) {
  const clock = handClock(NOW);
  const log = keptLog();
  const asked: string[] = [];
  const metrics: MetricsSource = {
    async history(grid): Promise<Observation> {
      asked.push(`${new Date(grid.startMs).toISOString().slice(5, 16)} ${grid.steps}`);
      if (!has(grid)) return { grid, services: [], sourceRequests: 1, notes: [] };
      return observe([{ service: "shop/cart", rps: () => 5 }], grid, 3);
    },
    counts: never,
    edges: never,
    recent: never,
    health: never,
  };
  const keeper = historyKeeper({ metrics, cache, clock, log, reachMs: () => 2 * DAY_MS });
  return { keeper, cache, clock, log, asked };
}

test("history is fetched once, and only what is new afterwards", async () => {
  const { keeper, clock, asked } = openKeeper();
  const first = await keeper.upTo(NOW, MINUTE_MS, signal);
  expect(asked).toEqual(["03-04T08:58 2880"]);
  expect(first?.grid.steps).toBe(2_880);
  clock.moveTo(NOW + 5 * MINUTE_MS);
  await keeper.refresh(MINUTE_MS, signal);
  expect(asked.slice(1)).toEqual(["03-06T08:58 5"]);
  const past = await keeper.upTo(NOW - HOUR_MS, MINUTE_MS, signal);
  expect(past!.grid.startMs + past!.grid.steps * MINUTE_MS).toBe(NOW - HOUR_MS);
});

test("what is kept is a blob a day, read by the next process; days out of reach are removed", async () => {
  const cache = memoryCache();
  await openKeeper({ cache }).keeper.refresh(MINUTE_MS, signal);
  const days = ["04", "05", "06"].map((day) => `history/60000/2026-03-${day}`);
  expect((await cache.names("history/")).toSorted()).toEqual(days);
  const next = openKeeper({ cache });
  await next.keeper.refresh(MINUTE_MS, signal);
  expect(next.asked).toEqual([]);
  next.clock.moveTo(NOW + DAY_MS);
  await next.keeper.refresh(MINUTE_MS, signal);
  expect((await cache.names("history/")).toSorted()).toEqual([...days.slice(1), "history/60000/2026-03-07"]);
});

test("a day that cannot be read is told, removed and fetched again", async () => {
  const cache = memoryCache();
  await openKeeper({ cache }).keeper.refresh(MINUTE_MS, signal);
  await cache.save("history/60000/2026-03-05", Uint8Array.of(1, 2, 3));
  const { keeper, log, asked } = openKeeper({ cache });
  await keeper.refresh(MINUTE_MS, signal);
  expect(log.lines.map(({ message }) => message)).toEqual([
    "a day of the kept history cannot be read; it is fetched again",
  ]);
  expect(asked).toEqual(["03-05T00:00 1440"]);
});

test("a span that the source could not fill is asked for again only an hour of steps later", async () => {
  const { keeper, clock, asked } = openKeeper({ has: () => false });
  expect(await keeper.upTo(NOW, MINUTE_MS, signal)).toBeNull();
  await keeper.upTo(NOW, MINUTE_MS, signal);
  expect(asked).toHaveLength(1);
  clock.moveTo(NOW + 61 * MINUTE_MS);
  await keeper.upTo(NOW, MINUTE_MS, signal);
  expect(asked).toHaveLength(2);
});

test("new steps are written when an hour of them has come", async () => {
  const { keeper, cache, clock } = openKeeper();
  await keeper.refresh(MINUTE_MS, signal);
  const before = await cache.load("history/60000/2026-03-06");
  clock.moveTo(NOW + 30 * MINUTE_MS);
  await keeper.refresh(MINUTE_MS, signal);
  expect(await cache.load("history/60000/2026-03-06")).toBe(before);
  clock.moveTo(NOW + 61 * MINUTE_MS);
  await keeper.refresh(MINUTE_MS, signal);
  expect(await cache.load("history/60000/2026-03-06")).not.toBe(before);
});
