import { expect, test } from "vitest";
import { formatRequirement, matchesPattern, parseSelector, selects } from "../../../src/core/targeting/selector.ts";

test("every form that kubectl takes is understood, and written back", () => {
  const parsed = parseSelector("a=b, c!=d,e in (x, y),f notin (z),g,!h,example.com/i==j,k=");
  expect(parsed.map(formatRequirement)).toEqual([
    "a=b",
    "c!=d",
    "e in (x,y)",
    "f!=z",
    "g",
    "!h",
    "example.com/i=j",
    "k=",
  ]);
  expect(parseSelector(parsed.map(formatRequirement).join(","))).toEqual(parsed);
});

test("an empty selector selects everything", () => expect(selects(parseSelector("  "), { any: "thing" })).toBe(true));

test.each([
  { selector: "tier=web", labels: { tier: "web" }, selected: true },
  { selector: "tier=web", labels: {}, selected: false },
  { selector: "tier!=web", labels: {}, selected: true },
  { selector: "tier!=web", labels: { tier: "web" }, selected: false },
  { selector: "tier in (web,api)", labels: { tier: "api" }, selected: true },
  { selector: "tier notin (web,api)", labels: { tier: "db" }, selected: true },
  { selector: "tier notin (web,api)", labels: {}, selected: true },
  { selector: "tier", labels: { tier: "" }, selected: true },
  { selector: "!tier", labels: { tier: "" }, selected: false },
  { selector: "tier=web,!legacy", labels: { tier: "web", legacy: "1" }, selected: false },
])("$selector on $labels: $selected", ({ selector, labels, selected }) =>
  expect(selects(parseSelector(selector), labels)).toBe(selected),
);

test.each([
  "a=b=c",
  "tier in web",
  "tier in (a",
  "=b",
  "a b",
  ",",
  "a,,b",
  "a=ä",
  "-a=b",
  "a=b-",
  `a=${"x".repeat(64)}`,
])("%j is refused", (text) => expect(() => parseSelector(text)).toThrow(RangeError));

test.each([
  { pattern: "team-*", name: "team-a", matches: true },
  { pattern: "team-*", name: "my-team-a", matches: false },
  { pattern: "*", name: "anything", matches: true },
  { pattern: "*-prod", name: "shop-prod", matches: true },
  { pattern: "shop", name: "shop-2", matches: false },
])("$pattern and $name: $matches", ({ pattern, name, matches }) => expect(matchesPattern(pattern, name)).toBe(matches));
