import { expect, test } from "vitest";
import type { Effect } from "../../../src/core/model/verdict.ts";
import { whatHappened } from "../../../src/core/text/impact.ts";
import { signalVerdict, slowEffect } from "../../support/story.ts";

const told = (effect: Effect): string =>
  whatHappened(signalVerdict("shop/cart", "latency", { kind: "persistent" }, { effect }));

test("slow answers are told as the share that took longer than a bucket bound, now and before", () =>
  expect(told(slowEffect(0.001, 0.04))).toBe("4 % of answers took longer than 250 ms (before: 0.1 %)"));

test("an older journal's ratio of shares is told in the same words, never as a time that was so long", () => {
  const seven: Effect = {
    ...slowEffect(0.0003, 0.0099),
    unit: "ratio",
    change: { point: 33, low: 9, high: 80, level: 0.95 },
  };
  expect(told(seven)).toBe("1 % of answers took longer than 250 ms (before: under 0.1 %)");
});

test("telemetry that has quantiles only is told in milliseconds", () => {
  const effect: Effect = { ...slowEffect(0, 0), unit: "ratio", before: 48, after: 600, boundMs: null };
  expect(told(effect)).toBe("answers took 600 ms (before: 48 ms)");
});
