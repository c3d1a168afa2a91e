import { describe, expect, test } from "vitest";
import {
  counted,
  formatCount,
  formatDuration,
  formatRatio,
  formatShare,
  formatTime,
  joinNames,
} from "../../../src/core/text/format.ts";
import { wrap } from "../../../src/core/text/wrap.ts";

describe("words for people", () => {
  test.each([
    [0, "0 s"],
    [0.6, "1 ms"],
    [850, "850 ms"],
    [42_000, "42 s"],
    [59_600, "1 min"],
    [252_000, "4 min 12 s"],
    [7_500_000, "2 h 5 min"],
    [273_600_000, "3 d 4 h"],
    [Number.NaN, "unknown"],
    [-5, "0 s"],
  ])("%d ms is %s", (ms, text) => expect(formatDuration(ms)).toBe(text));

  test.each([
    [0, "0 %"],
    [0.0002, "under 0.1 %"],
    [0.004, "0.4 %"],
    [0.0994, "9.9 %"],
    [0.503, "50 %"],
    [0.996, "99.6 %"],
    [1, "100 %"],
    [Number.NaN, "unknown"],
  ])("a share of %d is %s", (share, text) => expect(formatShare(share)).toBe(text));

  test("ratios, counts and lists", () => {
    expect([formatRatio(2.44), formatRatio(12.4)]).toEqual(["2.4 ×", "12 ×"]);
    expect([formatCount(1_234_567), counted(1, "pod"), counted(2, "query"), counted(3, "day")]).toEqual([
      "1,234,567",
      "1 pod",
      "2 queries",
      "3 days",
    ]);
    expect([joinNames([]), joinNames(["a"]), joinNames(["a", "b"]), joinNames(["a", "b", "c"])]).toEqual([
      "",
      "a",
      "a and b",
      "a, b and c",
    ]);
  });

  test("a time is told in the reader's zone, across summer time", () => {
    expect(formatTime(Date.parse("2026-03-29T00:59:59Z"), "Europe/Berlin")).toBe("2026-03-29 01:59:59");
    expect(formatTime(Date.parse("2026-03-29T01:00:00Z"), "Europe/Berlin")).toBe("2026-03-29 03:00:00");
  });

  test("lines break at spaces, hang where told, and a long word stays whole", () => {
    expect(wrap("one two three", 9, "- ", "  ")).toEqual(["- one two", "  three"]);
    expect(wrap("averyverylongword x", 5, "")).toEqual(["averyverylongword", "x"]);
    expect(wrap("", 5, "  ")).toEqual(["  "]);
  });
});
