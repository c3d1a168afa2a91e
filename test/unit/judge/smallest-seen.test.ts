import { expect, test } from "vitest";
import { smallestSeen } from "../../../src/core/judge/verdict/smallest-seen.ts";
import { randomFrom } from "../../../src/core/random.ts";
import { smallest } from "../../../src/core/stats/bisect.ts";

type Test = Parameters<typeof smallestSeen>[0];

/** A test of latency whose bounds had these shares before, and would show these changes. */
const latencyTest = (bounds: readonly { readonly share: number; readonly change: number | null }[]): Test =>
  ({
    engine: {
      comparison: {
        track: { form: "share", signal: "latency", rows: bounds },
        effect: { latencyRatio: 2 },
      },
      detectable: (_: Test, row: number, { most = 1 }: { readonly most?: number }) => {
        const { change } = bounds[row]!;
        return change === null || change > most ? null : change;
      },
      meter: (row: number) => ({ before: bounds[row]!.share }),
    },
  }) as unknown as Test;

const odds = (share: number): number => share / (1 - share);

test("of all bounds the one is named whose odds would have to grow least, the first of several", () => {
  const random = randomFrom(1);
  for (let i = 0; i < 200; i++) {
    const bounds = Array.from({ length: 8 }, () => ({
      share: 0.001 + 0.4 * random.next(),
      change: random.next() < 0.1 ? null : 0.001 + 0.5 * random.next(),
    }));
    const ratios = bounds.map(({ share, change }) => (change === null ? Infinity : odds(share + change) / odds(share)));
    const row = ratios.indexOf(Math.min(...ratios));
    expect(smallestSeen(latencyTest(bounds), { p: 0.01, selectiveZ: 2 }, false)).toMatchObject({
      row,
      change: bounds[row]!.change,
    });
  }
});

test("what is enough only beyond the most that is of interest is not searched for, and all else is found as ever", () => {
  const enough = (x: number): boolean => x >= 0.3;
  const whole = smallest({ low: 0, high: 1 }, enough);
  expect(smallest({ low: 0, high: 1, most: 0.31 }, enough)).toBe(whole);
  let looks = 0;
  const counted = (x: number): boolean => {
    looks++;
    return enough(x);
  };
  expect(smallest({ low: 0, high: 1, most: 0.29 }, counted)).toBeNull();
  expect(looks).toBe(1);
});
