import { globSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { linesOf } from "../../../scripts/lib/mutation/changed.mjs";
import { summarise, written } from "../../../scripts/lib/mutation/summary.mjs";
import { testsOf } from "../../../scripts/lib/mutation/tests.mjs";

const ROOT = join(import.meta.dirname, "..", "..", "..");

test("changed lines are those that a patch adds, by file", () => {
  const patch = [
    "--- a/src/core/a.ts",
    "+++ b/src/core/a.ts",
    "@@ -3,2 +3,4 @@ function a() {",
    "@@ -9 +11 @@",
    "@@ -20,2 +21,0 @@",
    "--- a/src/core/gone.ts",
    "+++ /dev/null",
    "@@ -1,5 +0,0 @@",
    "--- /dev/null",
    "+++ b/src/core/new.ts",
    "@@ -0,0 +1,7 @@",
  ].join("\n");
  expect(linesOf(patch)).toEqual(["src/core/a.ts:3-6", "src/core/a.ts:11-11", "src/core/new.ts:1-7"]);
});

test.each([
  { paths: ["src/core/schedule"], holds: "test/unit/schedule/**/*.test.ts" },
  { paths: ["src/core/schedule/zone.ts"], holds: "test/unit/schedule/**/*.test.ts" },
  { paths: ["src/core/text/format.ts"], holds: "test/unit/**/*.test.ts" },
  { paths: ["src/core/text", "src/app/inject"], holds: "test/unit/app/**/*.test.ts" },
])("mutants of $paths are shown to $holds, and all patterns name tests", ({ paths, holds }) => {
  const patterns = testsOf(paths);
  expect(patterns).toContain(holds);
  expect(patterns.filter((pattern) => globSync(pattern, { cwd: ROOT }).length === 0)).toEqual([]);
});

test("a score counts killed mutants, those noticed by their time, and survivors, but nothing that could not be tested", () => {
  const mutant = (status: string, line: number, mutatorName = "EqualityOperator") => ({
    fileName: join(ROOT, "src/core/schedule/calendar.ts"),
    location: { start: { line, column: 1 }, end: { line, column: 7 } },
    mutatorName,
    replacement: "other",
    status,
  });
  const of = [
    mutant("Killed", 1),
    mutant("Timeout", 2),
    mutant("Survived", 4),
    mutant("NoCoverage", 3, "StringLiteral"),
  ];
  const summary = summarise([...of, mutant("CompileError", 5)], "- `calendar.ts: export → other`: says the same");
  expect(summary).toMatchObject({ mutants: 4, killed: 2, by_time_limit: 1, score: 50, not_counted: 1 });
  expect(summary.survivors.map(({ line, reached, judged }) => ({ line, reached, judged }))).toEqual([
    { line: 3, reached: false, judged: false },
    { line: 4, reached: true, judged: true },
  ]);
  expect(written("src", summary).slice(0, 2)).toEqual([
    "src: 2 of 4 mutants killed (50 %), 1 of them by the time limit",
    "2 survived, 1 of them changes of a text (StringLiteral); 1 are judged in test/mutation/survivors.md",
  ]);
});
