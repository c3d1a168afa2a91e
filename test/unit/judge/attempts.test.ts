import { describe, expect, test } from "vitest";
import { type Attempts, retriesTold } from "../../../src/core/observe/attempts.ts";

const edge = (asked: number, arrived = asked, changes: Partial<Attempts> = {}): Attempts => ({
  caller: "go-app/repeater",
  service: "go-app/go-app",
  asked,
  arrived,
  ...changes,
});
const inbound = (asked: number) => edge(asked, asked, { caller: "go-app/load", service: "go-app/repeater" });
const itself = (caller: string) => [caller];

describe("callers that try again", () => {
  test("whose proxies retry are told with the attempts that arrived for each request", () => {
    expect(retriesTold([edge(18_000)], [edge(6_000, 13_800)], itself)).toEqual([
      "go-app/go-app received 2.3 attempts for each request (before: 1.0): the proxies of its callers retry.",
    ]);
  });

  test("that always did are told only when they try more than before", () => {
    expect(retriesTold([edge(18_000, 36_000)], [edge(6_000, 12_600)], itself)).toEqual([]);
    expect(retriesTold([edge(18_000, 36_000)], [edge(6_000, 18_000)], itself)[0]).toContain("3.0 attempts");
  });

  test("themselves are told with the requests that they send for each that they receive", () => {
    const before = [inbound(18_000), edge(18_000)];
    expect(retriesTold(before, [inbound(6_000), edge(12_000)], itself)).toEqual([
      "go-app/repeater sent go-app/go-app 2.0 requests for each that it received (before: 1.0): it retries by itself.",
    ]);
  });

  test.each([
    { name: "a few tries more than requests: scrapes of both sides differ", after: [edge(6_000, 6_300)] },
    { name: "many tries of few requests", after: [edge(10, 25)] },
    { name: "more requests because more were received", after: [inbound(12_000), edge(12_000)] },
    { name: "fewer tries than requests: some reached nobody", after: [edge(6_000, 3_000)] },
  ])("are not told of $name", ({ after }) => {
    expect(retriesTold([inbound(18_000), edge(18_000)], after, itself)).toEqual([]);
  });
});
