import { describe, expect, test } from "vitest";
import { comparisonOf } from "../../../src/core/judge/engine/comparison.ts";
import type { RateTrack, ShareTrack } from "../../../src/core/judge/input/track.ts";
import { ownDetectable } from "../../../src/core/judge/window/detectable.ts";
import { measure } from "../../../src/core/judge/window/measure.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../../src/core/model/policy.ts";

const AFTER = { from: 30, to: 40 };
const around = {
  windows: { before: { from: 0, to: 30 }, early: AFTER, late: AFTER, after: AFTER, graceEnds: 30 },
  grid: { startMs: 0, stepMs: 60_000, steps: 40 },
  effect: DEFAULT_MINIMUM_EFFECT,
};
/** What a window must reach without history among a few hundred tests. */
const NEEDED = 4;

const base = { service: "shop/cart", key: "shop/cart", valid: new Uint8Array(40).fill(1) };
const failuresOf = (perStep: (step: number) => number): ShareTrack => {
  const k = Float64Array.from({ length: 40 }, (_, i) => perStep(i));
  return {
    ...base,
    form: "share",
    signal: "failures",
    rows: [{ k, n: new Float64Array(40).fill(2_000) }],
    boundsMs: null,
  };
};
const rateOf = (perStep: (step: number) => number): RateTrack => ({
  ...base,
  form: "rate",
  signal: "rate",
  n: Float64Array.from({ length: 40 }, (_, i) => perStep(i)),
});
const z = (track: ShareTrack | RateTrack, part: "early" | "late" = "early"): number =>
  measure(comparisonOf(track, around), AFTER, part, new Map()).z!;

/** The same values in another order: one that jumps from step to step, and one that wanders. */
const factors = [0.25, 3.2, 0.5, 1.6, 0.3, 2.6, 0.8, 1.1, 0.4, 2.1];
const jumpy = (i: number): number => factors[i % 10]!;
const wandering = (i: number): number => [...factors].sort((a, b) => a - b)[Math.floor((29 - (i % 30)) / 3)]!;

describe("from the window's own steps", () => {
  test("one step with many failures is news where they were calm, and none where they swing by factors anyway", () => {
    const burst = (shape: (i: number) => number) => failuresOf((i) => (i === 33 ? 400 : 10 * shape(i)));
    expect(z(burst(() => 1))).toBeGreaterThan(NEEDED);
    expect(z(burst(jumpy))).toBeLessThan(NEEDED);
  });

  test("a share that rises for good is found where failures jump from step to step", () => {
    expect(z(failuresOf((i) => 10 * jumpy(i) * (i < 30 ? 1 : 12)))).toBeGreaterThan(NEEDED);
  });

  test("a rise that lasts is worth less where failures wander than where the same failures jump", () => {
    const raised = (shape: (i: number) => number) => failuresOf((i) => 10 * (i < 30 ? shape(i) : 8));
    expect(z(raised(wandering), "late")).toBeLessThan(z(raised(jumpy), "late") - 1);
  });

  test("traffic that stops for the whole late window is found even where it wanders a little", () => {
    const slightly = (i: number): number => 600 * (1 + 0.08 * (wandering(i) - 1));
    expect(
      z(
        rateOf((i) => (i < 30 ? slightly(i) : 0)),
        "late",
      ),
    ).toBeGreaterThan(NEEDED);
  });

  test("a fall is worth less where traffic wanders than where the same traffic jumps", () => {
    const fallen = (shape: (i: number) => number) => rateOf((i) => (i < 30 ? 600 * shape(i) : 60));
    expect(z(fallen(wandering), "late")).toBeLessThan(z(fallen(jumpy), "late") - 0.5);
  });
});

const meanOf = (shape: (i: number) => number): number =>
  Array.from({ length: 30 }, (_, i) => shape(i)).reduce((sum, one) => sum + one, 0) / 30;

describe("what is promised to be seen without history", () => {
  test.each([
    { name: "calm", shape: () => 1 },
    { name: "jumping from step to step", shape: jumpy },
    { name: "wandering", shape: wandering },
  ])("of failures, $name before, is found when it happens, and half of it is not", ({ shape }) => {
    const usual = 10 * meanOf(shape);
    const failing = (rise: number) => failuresOf((i) => (i < 30 ? 10 * shape(i) : usual + rise * 2_000));
    const before = comparisonOf(failing(0), around);
    const promised = ownDetectable(before, 0, { after: AFTER, z: NEEDED }, new Map());
    expect(promised).toBeGreaterThan(0);
    expect(z(failing(promised!))).toBeGreaterThan(NEEDED);
    expect(z(failing(promised! / 2))).toBeLessThan(NEEDED);
  });
});
