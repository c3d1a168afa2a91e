import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { keptCollections, longArgumentLists, repeatedFractions } from "./habits.ts";
import { readSources } from "./source.ts";

const sources = readSources(join(import.meta.dirname, "..", ".."), "src");
/** Only compute: the same question has the same answer, whoever asked before. */
const PURE = ["src/core/", "src/config/", "src/views/"];

test("nothing takes more than five arguments by position", () => {
  expect(sources.length).toBeGreaterThan(20);
  expect(sources.flatMap(longArgumentLists)).toEqual([]);
});

test("what only computes keeps no map or set between two calls", () => {
  const pure = sources.filter(({ path }) => PURE.some((folder) => path.startsWith(folder)));
  expect(pure.length).toBeGreaterThan(20);
  expect(pure.flatMap(keptCollections)).toEqual([]);
});

test("a number of a statistic stands once in core", () => {
  const core = sources.filter(({ path }) => path.startsWith("src/core/"));
  expect(core.length).toBeGreaterThan(20);
  expect(repeatedFractions(core)).toEqual([]);
});

test("a number that stands twice is found, also when it is rounded in another way", () => {
  const file = (path: string, text: string) => ({ path, text });
  const home = file("a.ts", "const Z = 1.6448536269514722;\nconst HALF = 0.5;");
  expect(repeatedFractions([home, file("b.ts", "const half = 0.5;\nconst s = (high - point) / 1.645;")])).toEqual([
    "b.ts:2 has 1.645, as a.ts:1 has",
  ]);
  expect(repeatedFractions([home, file("b.ts", "const other = 1.6512;")])).toEqual([]);
});

describe("a long list of arguments is found", () => {
  test.each([
    ["of a function", "function f(a, b, c, d, e, f) {}"],
    ["of an arrow", "export const f = (a: 1, b: 2, c: 3, d: 4, e: 5, f: 6) => a;"],
    ["of a method", "const x = { f(a, b, c, d, e, f) {} };"],
    ["of an interface", "interface X { f(a: 1, b: 2, c: 3, d: 4, e: 5, f?: 6): void }"],
    ["of a type", "type F = (a: 1, b: 2, c: 3, d: 4, e: 5, f: 6) => void;"],
  ])("%s", (_, text) => expect(longArgumentLists({ path: "a.ts", text })).toEqual(["a.ts:1 takes 6 arguments"]));

  test("and five are none", () =>
    expect(longArgumentLists({ path: "a.ts", text: "function f(a, b, c, d, e) {}" })).toEqual([]));
});

describe("a collection that is kept", () => {
  test.each([
    ["a map", "const kept = new Map<string, number>();"],
    ["an exported weak map", "export const kept: WeakMap<object, number> = new WeakMap();"],
    ["a set", "const kept = new Set();"],
  ])("is found: %s", (_, text) =>
    expect(keptCollections({ path: "a.ts", text })).toEqual(["a.ts keeps kept, which can be written to"]),
  );

  test.each([
    ["read-only", "const names: ReadonlySet<string> = new Set(['a']);"],
    ["made by a call", "const f = () => { const own = new Map(); return own; };"],
  ])("is none when %s", (_, text) => expect(keptCollections({ path: "a.ts", text })).toEqual([]));
});
