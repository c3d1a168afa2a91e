import { describe, expect, test } from "vitest";
import { comparisonOf } from "../../../src/core/judge/engine/comparison.ts";
import type { RateTrack, ShareTrack } from "../../../src/core/judge/input/track.ts";
import { commonSwings } from "../../../src/core/judge/window/common-swings.ts";
import { measure } from "../../../src/core/judge/window/measure.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../../src/core/model/policy.ts";

const BEFORE = { from: 0, to: 30 };
const EARLY = { from: 30, to: 40 };
const AFTER = { from: 30, to: 50 };
const around = {
  windows: { before: BEFORE, early: EARLY, late: { from: 40, to: 50 }, after: AFTER, graceEnds: 40 },
  grid: { startMs: 0, stepMs: 60_000, steps: 50 },
  effect: DEFAULT_MINIMUM_EFFECT,
};
/** What a window must reach without history among a few hundred tests. */
const NEEDED = 4;

/** Slowly, up to four times as much and down to a quarter, each service at another time. */
const wandering = (service: number, i: number): number => 4 ** Math.sin((i + 5 * service) / 4);
const base = (service: string) => ({ service, key: service, valid: new Uint8Array(50).fill(1) });
const failuresOf = (service: string, perStep: (step: number) => number): ShareTrack => ({
  ...base(service),
  form: "share",
  signal: "failures",
  rows: [{ k: Float64Array.from({ length: 50 }, (_, i) => perStep(i)), n: new Float64Array(50).fill(2_000) }],
  boundsMs: null,
});
const rateOf = (service: string, perStep: (step: number) => number): RateTrack => ({
  ...base(service),
  form: "rate",
  signal: "rate",
  n: Float64Array.from({ length: 50 }, (_, i) => perStep(i)),
});
const others = Array.from({ length: 20 }, (_, s) => failuresOf(`shop/${s}`, (i) => 20 * wandering(s, i)));
const calm = Array.from({ length: 20 }, (_, s) => failuresOf(`shop/${s}`, (i) => 20 + ((i + s) % 3)));

/** Deviate of twenty failures a step in a service that had `before` of them, among `services`. */
const raised = (before: (step: number) => number, services: readonly ShareTrack[]): number => {
  const track = failuresOf("shop/cart", (i) => (i < 30 ? before(i) : 20));
  return measure(comparisonOf(track, around), EARLY, "early", commonSwings([...services, track], BEFORE)).z!;
};
const now = (track: RateTrack, span: typeof AFTER, part: "after" | "late", all: readonly RateTrack[] = []): number =>
  measure(comparisonOf(track, around), span, part, commonSwings([...all, track], BEFORE)).z!;

describe("how widely all services swing", () => {
  test("is what a service's few failures are believed to swing, too, though its own steps were calm", () => {
    const few = (i: number): number => (i % 3 === 0 ? 2 : 1);
    expect(raised(few, calm)).toBeGreaterThan(NEEDED);
    expect(raised(few, others)).toBeLessThan(NEEDED);
  });

  test("says nothing of a service that never failed", () => {
    expect(raised(() => 0, others)).toBe(raised(() => 0, calm));
    expect(raised(() => 0, others)).toBeGreaterThan(NEEDED);
  });

  test("is found with its slowness, whatever chance does in each step", () => {
    const { swing, lag1 } = commonSwings(others, BEFORE).get("failures")!;
    expect(swing).toBeGreaterThan(0.5);
    expect(lag1).toBeGreaterThan(0.7);
    expect(commonSwings(calm, BEFORE).get("failures")).toEqual({ swing: 0, lag1: 0 });
  });

  test("is nothing where no service has steps enough to tell, and latency has none", () => {
    const short = commonSwings(others, { from: 0, to: 5 });
    expect(short.get("failures")).toEqual({ swing: 0, lag1: 0 });
    expect(commonSwings([{ ...others[0]!, signal: "latency" }], BEFORE).size).toBe(0);
  });
});

describe("a fall of the rate, from the window's own steps", () => {
  const stopped = (from: number, to: number) =>
    rateOf("shop/cart", (i) => (i >= from && i < to ? 0 : 600 + 10 * (i % 3)));

  test("that lasts through most of the time after is found though it ends before the late window does", () => {
    expect(now(stopped(31, 45), AFTER, "after")).toBeGreaterThan(NEEDED);
  });

  test("of a few minutes is none: traffic stops by itself", () => {
    expect(now(stopped(31, 35), AFTER, "after")).toBeLessThan(1);
  });

  test("is worth less among services whose traffic wanders", () => {
    const wander = Array.from({ length: 20 }, (_, s) => rateOf(`shop/${s}`, (i) => 600 * wandering(s, i)));
    const fallen = rateOf("shop/cart", (i) => (i < 30 ? 600 + 10 * (i % 3) : 150));
    expect(now(fallen, AFTER, "after", wander)).toBeLessThan(now(fallen, AFTER, "after") - 1);
  });
});
