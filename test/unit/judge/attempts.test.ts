import { describe, expect, test } from "vitest";
import { type Attempts, retriesSeen, retriesTold } from "../../../src/core/observe/attempts.ts";

const edge = (asked: number, arrived = asked, changes: Partial<Attempts> = {}): Attempts => ({
  caller: "go-app/repeater",
  service: "go-app/go-app",
  asked,
  arrived,
  ...changes,
});
const inbound = (asked: number) => edge(asked, asked, { caller: "go-app/load", service: "go-app/repeater" });
const itself = (caller: string) => [caller];
const told = (...seen: Parameters<typeof retriesSeen>): readonly string[] => retriesSeen(...seen).map(retriesTold);

describe("callers that try again", () => {
  test("whose proxies retry are told with the attempts that arrived for each request", () => {
    expect(told([edge(18_000)], [edge(6_000, 13_800)], itself)).toEqual([
      "go-app/go-app received 2.3 attempts for each request (before: 1.0): the proxies of its callers retry.",
    ]);
  });

  test("are named one by one: not those that do not retry", () => {
    const other = (asked: number) => edge(asked, asked, { caller: "go-app/other" });
    const seen = retriesSeen([edge(18_000), other(900)], [edge(6_000, 13_800), other(300)], itself);
    expect(seen.map(({ callers }) => callers)).toEqual([["go-app/repeater"]]);
  });

  test("that always did are told only when they try more than before", () => {
    expect(told([edge(18_000, 36_000)], [edge(6_000, 12_600)], itself)).toEqual([]);
    expect(told([edge(18_000, 36_000)], [edge(6_000, 18_000)], itself)[0]).toContain("3.0 attempts");
  });

  test("themselves are told with the requests that they send for each that they receive", () => {
    const before = [inbound(18_000), edge(18_000)];
    expect(told(before, [inbound(6_000), edge(12_000)], itself)).toEqual([
      "go-app/repeater sent go-app/go-app 2.0 requests for each that it received (before: 1.0): it retries by itself.",
    ]);
  });

  test.each([
    { name: "a few tries more than requests: scrapes of both sides differ", after: [edge(6_000, 6_300)] },
    { name: "many tries of few requests", after: [edge(10, 25)] },
    { name: "more requests because more were received", after: [inbound(12_000), edge(12_000)] },
    { name: "fewer tries than requests: some reached nobody", after: [edge(6_000, 3_000)] },
  ])("are not told of $name", ({ after }) => {
    expect(told([inbound(18_000), edge(18_000)], after, itself)).toEqual([]);
  });
});
