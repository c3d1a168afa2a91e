import { expect, test } from "vitest";
import { retiredIn, wideCommentsIn } from "../../../scripts/lib/words.mjs";

test("a retired phrase is named with its line and with what is written instead", () => {
  expect(retiredIn("fine\nthe slot was 61 s ago: late is never\n")).toEqual([
    { line: 2, says: '"late is never" is retired: too late: missed slots are not run' },
  ]);
});

test("a phrase that a comment breaks over two lines is found", () => {
  expect(retiredIn("/**\n * Late is\n * never.\n */").map(({ line }) => line)).toEqual([2]);
});

test("a comment wider than 100 columns is named; code is not, nor a long address", () => {
  const wide = `  // ${"x".repeat(100)}`;
  const address = ` * https://example.com/${"a".repeat(100)}`;
  expect(wideCommentsIn(["const a = 1;", wide, `const b = "${"y".repeat(120)}";`, address].join("\n"))).toEqual([
    { line: 2, says: "the comment is 105 columns wide, 100 at most" },
  ]);
});
