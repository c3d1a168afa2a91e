import { describe, expect, test } from "vitest";
import { slackMessage } from "../../../src/adapters/slack/blocks.ts";
import type { Effect } from "../../../src/core/model/verdict.ts";
import { impactPart, noticesFor } from "../../../src/core/report/notices.ts";
import { whatHappened } from "../../../src/core/text/impact.ts";
import { VerdictTable } from "../../../src/views/verdict-table.tsx";
import { T0 } from "../../support/experiments.ts";
import { judgedExperiment, noticeInput } from "../../support/notices.ts";
import { judgement, signalVerdict, slowEffect } from "../../support/story.ts";

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

describe("median and p99 of slow answers", () => {
  const quantiles = {
    median: { before: { fromMs: 10, toMs: 25 }, after: { fromMs: 10, toMs: 25 } },
    p99: { before: { fromMs: 25, toMs: 50 }, after: { fromMs: 250, toMs: 500 } },
  };
  const slow = signalVerdict(
    "repeater",
    "latency",
    { kind: "persistent" },
    { effect: { ...slowEffect(0.001, 0.04), quantiles } },
  );
  const p99 = "p99 between 250 ms and 500 ms (before: between 25 ms and 50 ms)";

  test("stand in messages where they moved", () => {
    expect(impactPart(slow).line).toMatch(/^4 % of answers took longer than 250 ms .*; p99 between/);
    const [notice] = noticesFor(noticeInput({ state: judgedExperiment(judgement([slow]), []) }));
    expect(JSON.stringify(slackMessage(notice!))).toContain(p99);
  });

  test("stand in the page's table", () => {
    expect(String(VerdictTable({ verdicts: [slow], t0Ms: T0, timezone: "UTC" }))).toContain(p99);
  });

  test("are left out of what was not slower, and of older journals", () => {
    const well = { ...slow, verdict: { kind: "steady" } as const };
    const old = signalVerdict("repeater", "latency", { kind: "persistent" }, { effect: slowEffect(0.001, 0.04) });
    expect(String(VerdictTable({ verdicts: [well, old], t0Ms: T0, timezone: "UTC" }))).not.toContain("p99");
    expect(impactPart(old).line).not.toContain("p99");
  });
});
