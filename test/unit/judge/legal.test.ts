import fc from "fast-check";
import { expect, test } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import { contradiction, exceedsMinimum } from "../../../src/core/judge/verdict/legal.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../../src/core/model/policy.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import type { Judgement } from "../../../src/core/model/verdict.ts";
import { type Behaviour, DEMO, inputOf, LAB, T0 } from "./scenario.ts";

fc.configureGlobal({ seed: 20260307 });

/** A share that is higher for some time, before or after the injection. */
const burst = fc.record({
  fromMs: fc.integer({ min: -10 * MINUTE_MS, max: 12 * MINUTE_MS }),
  lengthMs: fc.integer({ min: 5_000, max: 20 * MINUTE_MS }),
  share: fc.constantFrom(0.002, 0.008, 0.03, 0.1, 0.5, 1),
});
const course = fc.record({ base: fc.constantFrom(0, 1e-4, 0.003, 0.02), bursts: fc.array(burst, { maxLength: 3 }) });
type Course = typeof course extends fc.Arbitrary<infer T> ? T : never;

const shareAt =
  ({ base, bursts }: Course) =>
  (atMs: number): number =>
    Math.max(base, ...bursts.map((b) => (atMs >= T0 + b.fromMs && atMs < T0 + b.fromMs + b.lengthMs ? b.share : 0)));

const behaviour = fc
  .record({
    rps: fc.constantFrom(0.02, 0.3, 2, 20, 200),
    failing: course,
    slow: course,
    stops: fc.option(fc.record({ fromMs: fc.integer({ min: 0, max: 12 * MINUTE_MS }), left: fc.constantFrom(0, 0.5) })),
  })
  .map(({ rps, failing, slow, stops }): Omit<Behaviour, "service"> => {
    const slowAt = shareAt(slow);
    return {
      rps: (atMs) => (stops !== null && atMs >= T0 + stops.fromMs ? rps * stops.left : rps),
      failing: shareAt(failing),
      slow: (atMs) => [Math.min(0.4 + slowAt(atMs), 1), Math.min(0.08 + slowAt(atMs), 1), slowAt(atMs)],
    };
  });
const mesh = fc
  .array(behaviour, { minLength: 2, maxLength: 4 })
  .map((all) =>
    all.map((one, i): Behaviour => ({ ...one, service: ["go-app/repeater", "go-app/go-app"][i] ?? `shop/${i}` })),
  );

function rulesHold(j: Judgement): void {
  for (const v of j.verdicts) {
    expect(contradiction(v, DEFAULT_MINIMUM_EFFECT), `${v.service} ${v.signal} ${JSON.stringify(v)}`).toBeNull();
  }
  if (j.headline !== "steady") return;
  const open = j.verdicts.filter(
    (v) => j.concerned?.includes(v.service) && !v.starved && exceedsMinimum(v.effect, v.signal, DEFAULT_MINIMUM_EFFECT),
  );
  expect(open).toEqual([]);
}

test("no verdict contradicts itself, and no headline is steady beside an effect, from the window alone", () =>
  fc.assert(
    fc.property(mesh, fc.constantFrom(LAB, DEMO), fc.integer({ min: 1, max: 999 }), (services, geometry, seed) =>
      rulesHold(judge(inputOf({ services, geometry, seed }))),
    ),
    { numRuns: 500 },
  ));

test("nor with two days of history", () =>
  fc.assert(
    fc.property(mesh, fc.integer({ min: 1, max: 999 }), (services, seed) =>
      rulesHold(judge(inputOf({ services, geometry: DEMO, historyDays: 2, seed }))),
    ),
    { numRuns: 12 },
  ));

test("a burst after a small burst is not steady, nor is the headline", () => {
  const between = (fromMs: number, toMs: number) => (atMs: number) => atMs >= T0 + fromMs && atMs < T0 + toMs;
  const [early, late] = [between(-8 * MINUTE_MS, -7 * MINUTE_MS), between(0, MINUTE_MS)];
  const failing = (atMs: number) => (early(atMs) ? 0.008 : late(atMs) ? 0.5 : 0);
  const services: Behaviour[] = ["go-app/repeater", "go-app/go-app"].map((service) => ({
    service,
    rps: () => 20,
    failing,
  }));
  const j = judge(inputOf({ services, geometry: DEMO }));
  expect(["transient", "inconclusive"]).toContain(j.headline);
  const kinds = j.verdicts.filter((v) => v.signal === "failures").map((v) => v.verdict.kind);
  expect(kinds).not.toContain("steady");
});
