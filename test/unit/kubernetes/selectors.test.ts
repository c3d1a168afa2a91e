import { describe, expect, test } from "vitest";
import { matchesSelector, selectorText, selectsLabels } from "../../../src/adapters/kubernetes/read/selectors.ts";

const labels = { app: "db", tier: "back" };
const by = (operator: string, key: string, ...values: string[]) => ({ matchExpressions: [{ key, operator, values }] });

describe("a label selector", () => {
  test.each([
    { name: "that is absent matches nothing", selector: undefined, matches: false },
    { name: "that is empty matches everything", selector: {}, matches: true },
    { name: "matches equal labels", selector: { matchLabels: { app: "db" } }, matches: true },
    { name: "does not match other values", selector: { matchLabels: { app: "web" } }, matches: false },
    { name: "In", selector: by("In", "app", "db", "web"), matches: true },
    { name: "In, elsewhere", selector: by("In", "app", "web"), matches: false },
    { name: "In, without the label", selector: by("In", "zone", "a"), matches: false },
    { name: "NotIn", selector: by("NotIn", "app", "web"), matches: true },
    { name: "NotIn, without the label", selector: by("NotIn", "zone", "a"), matches: true },
    { name: "Exists", selector: by("Exists", "tier"), matches: true },
    { name: "DoesNotExist", selector: by("DoesNotExist", "tier"), matches: false },
    { name: "with an operator of tomorrow is taken to match", selector: by("Like", "app", "d*"), matches: true },
    {
      name: "needs every part",
      selector: { matchLabels: { app: "db" }, ...by("In", "tier", "front") },
      matches: false,
    },
  ])("$name", ({ selector, matches }) => expect(matchesSelector(selector, labels)).toBe(matches));
});

describe("a Service's selector", () => {
  test.each([
    { name: "that is absent selects nothing", selector: undefined, selects: false },
    { name: "that is empty selects nothing", selector: {}, selects: false },
    { name: "selects labels that are all there", selector: { app: "db" }, selects: true },
    { name: "does not select when one differs", selector: { app: "db", tier: "front" }, selects: false },
  ])("$name", ({ selector, selects }) => expect(selectsLabels(selector, labels)).toBe(selects));
});

describe("a selector as a query", () => {
  test("has every requirement", () =>
    expect(
      selectorText({
        matchLabels: { app: "shop", tier: "web" },
        matchExpressions: [
          { key: "a", operator: "In", values: ["x", "y"] },
          { key: "b", operator: "NotIn", values: ["z"] },
          { key: "c", operator: "Exists" },
          { key: "d", operator: "DoesNotExist" },
        ],
      }),
    ).toBe("app=shop,tier=web,a in (x,y),b notin (z),c,!d"));

  test("with an operator that is not known is refused: it would select too much", () =>
    expect(() => selectorText({ matchExpressions: [{ key: "a", operator: "Near" }] })).toThrow("Near"));
});
