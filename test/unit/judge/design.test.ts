import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { designP } from "../../../src/core/judge/design/design-p.ts";
import type { Drawn } from "../../../src/core/judge/design/instant-scores.ts";
import { checkOtherInstants } from "../../../src/core/judge/design/other-instants.ts";
import { FEWEST_CANDIDATES, isVetoed } from "../../../src/core/judge/design/veto.ts";
import type { Observation } from "../../../src/core/model/series.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/model/units.ts";
import type { DesignCheck, SignalVerdict } from "../../../src/core/model/verdict.ts";
import { seededRandom } from "../../support/random.ts";

const BLOCK_MS = Date.parse("2026-03-06T09:00:00Z");
const GEOMETRY = { stepMs: MINUTE_MS, beforeMs: 30 * MINUTE_MS, earlyMs: 10 * MINUTE_MS };
const SERVICE = "shop/cart";

interface Wave {
  /** Share that fails `minute` minutes into the block. */
  readonly failing: (minute: number) => number;
  readonly minutes: number;
  readonly seed: number;
}

/**
 * A day and a half before the block, the block, and an hour after; 600 requests a minute that fail
 * in autocorrelated swings.
 */
function history({ failing, minutes, seed }: Wave): Observation {
  const random = seededRandom(seed);
  const ahead = 36 * 60;
  const steps = ahead + minutes + 60;
  const requests = new Float64Array(steps).fill(600);
  let swing = 0;
  const failures = requests.map((n, i) => {
    swing = 0.8 * swing + 0.3 * (random() + random() + random() - 1.5);
    const share = Math.min(0.002 * Math.exp(swing) + failing(i - ahead), 1);
    let k = 0;
    for (let j = 0; j < n; j++) if (random() < share) k++;
    return k;
  });
  const none = { latency: null, connections: null, flags: {} };
  const valid = new Uint8Array(steps).fill(1);
  return {
    grid: { startMs: BLOCK_MS - ahead * MINUTE_MS, stepMs: MINUTE_MS, steps },
    services: [{ service: SERVICE, reporter: "source", requests, failures, valid, ...none }],
    sourceRequests: 0,
    notes: [],
  };
}

const verdict = (excess = 0): SignalVerdict => ({
  service: SERVICE,
  signal: "failures",
  verdict: { kind: "persistent" },
  z: 5,
  p: 1e-5,
  effect: {
    unit: "share",
    before: 0.002,
    after: 0.1,
    change: { point: 0.1, low: 0.1, high: 0.1, level: 0.95 },
    excess,
    boundMs: null,
  },
  onsetMs: null,
  minimumDetectable: null,
  learning: false,
  starved: false,
  requests: { before: 18_000, after: 6_000 },
});

const drawn = (minute: number, minutes: number, changes: Partial<Drawn> = {}): Drawn => ({
  slotMs: BLOCK_MS + minute * MINUTE_MS,
  t0Ms: BLOCK_MS + minute * MINUTE_MS + 4_000,
  candidates: { fromMs: BLOCK_MS, toMs: BLOCK_MS + minutes * MINUTE_MS },
  geometry: GEOMETRY,
  observedToMs: BLOCK_MS + (minute + 20) * MINUTE_MS,
  ...changes,
});

const check = (wave: Wave, minute: number, changes: Partial<Drawn> = {}): DesignCheck =>
  checkOtherInstants(verdict(), history(wave), drawn(minute, wave.minutes, changes), []);

describe("the p of a randomised instant", () => {
  test("is exactly valid whatever the scores: no more than a share p of the instants get a p that small", () =>
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 60 }), (scores) => {
        const ps = scores.map((_, i) => designP(scores, i)!.p);
        for (let k = 1; k <= scores.length; k++) {
          const level = k / scores.length;
          expect(ps.filter((p) => p <= level).length).toBeLessThanOrEqual(k);
        }
      }),
    ));

  test("is uniform on its grid when no two scores are equal", () =>
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 60 }), (scores) => {
        const ps = scores.map((_, i) => designP(scores, i)!.p * scores.length).sort((a, b) => a - b);
        expect(ps.map(Math.round)).toEqual(scores.map((_, i) => i + 1));
      }),
    ));

  test("counts no instant whose score is not known, and knows nothing of an instant that was not measured", () => {
    expect(designP([1, Number.NaN, 2, 3], 3)).toEqual({ p: 1 / 3, candidates: 3 });
    expect(designP([1, Number.NaN], 1)).toBeNull();
  });

  test("vetoes nothing with fewer than 240 candidates, however bad", () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: FEWEST_CANDIDATES - 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (n, p) => {
          expect(isVetoed(p, n)).toBe(false);
        },
      ),
    ));
});

describe("a discovery and the instants that were not drawn", () => {
  test("when nothing is ever done, p ≤ α for a share α of the instants, swings or not", () => {
    const wave = { failing: () => 0, minutes: 240, seed: 3 };
    const past = history(wave);
    const minutes = Array.from({ length: 24 }, (_, i) => i * 10 + 3);
    const ps = minutes.map((minute) => checkOtherInstants(verdict(), past, drawn(minute, 240), []).p ?? 1);
    for (const alpha of [0.05, 0.25, 0.5]) {
      expect(ps.filter((p) => p <= alpha).length / ps.length).toBeLessThanOrEqual(alpha + 0.13);
    }
    expect(Math.max(...ps)).toBeGreaterThan(0.8);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])("three bad minutes stand among 240 candidates (%i)", (seed) => {
    const minute = 30 + seed * 20;
    const failing = (m: number) => (m >= minute && m < minute + 3 ? 0.1 : 0);
    const found = check({ failing, minutes: 240, seed }, minute);
    expect(found).toMatchObject({ candidates: 240, vetoed: false });
    expect(found.p).toBeLessThanOrEqual(0.05);
  });

  test("damage that stays stands, too", () => {
    const found = check({ failing: (m) => (m >= 100 ? 0.3 : 0), minutes: 300, seed: 9 }, 100);
    expect(found).toMatchObject({ vetoed: false });
    expect(found.p).toBeLessThan(0.02);
  });

  test("a service that is as bad every half an hour is withdrawn", () => {
    const failing = (m: number) => (m % 30 < 3 ? 0.1 : 0);
    const found = check({ failing, minutes: 300, seed: 5 }, 150);
    expect(found).toMatchObject({ vetoed: true });
    expect(found.p).toBeGreaterThan(0.15);
  });

  test("… but not with too few candidates", () => {
    const failing = (m: number) => (m % 30 < 3 ? 0.1 : 0);
    expect(check({ failing, minutes: 200, seed: 5 }, 90)).toMatchObject({ candidates: 200, vetoed: false });
  });

  test("minutes in which another experiment of ours disturbed the cluster are no candidates", () => {
    const past = history({ failing: (m) => (m % 30 < 3 ? 0.1 : 0), minutes: 300, seed: 5 });
    const other = { fromMs: BLOCK_MS + 200 * MINUTE_MS, toMs: BLOCK_MS + 3 * HOUR_MS + 80 * MINUTE_MS };
    const found = checkOtherInstants(verdict(), past, drawn(90, 300), [other]);
    expect(found.candidates).toBeLessThan(FEWEST_CANDIDATES);
    expect(found.vetoed).toBe(false);
  });

  test.each([
    { name: "the service is not in the history", of: { ...verdict(), service: "shop/other" }, at: drawn(100, 300) },
    { name: "the history missed most of its failures", of: verdict(500), at: drawn(100, 300) },
    {
      name: "the instant lies before the history",
      of: verdict(),
      at: drawn(0, 300, { slotMs: BLOCK_MS - 3 * DAY_MS, t0Ms: BLOCK_MS - 3 * DAY_MS }),
    },
  ])("nothing is said, and nothing withdrawn, when $name", ({ of, at }) => {
    const past = history({ failing: () => 0, minutes: 300, seed: 2 });
    expect(checkOtherInstants(of, past, at, [])).toMatchObject({ p: null, vetoed: false });
  });
});
