import { describe, expect, test } from "vitest";
import { guardedServices, whyAbort } from "../../../src/core/experiment/abort.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { podChoice } from "../../support/experiments.ts";

const RULE = { windowMs: 2 * MINUTE_MS, excessFailures: 50, rateFall: 0.5, missingRequests: 100 };
const SERVICE = "go-app/go-app";
const counts = (requests: number, failures = 0) => [{ service: SERVICE, requests, failures }];

/** Ten minutes before the injection, two minutes after it. */
const decide = (before: ReturnType<typeof counts>, now: ReturnType<typeof counts>, guarded = [SERVICE]) =>
  whyAbort({ rule: RULE, before, beforeMs: 10 * MINUTE_MS, now, guarded: new Set(guarded) });

describe("an experiment is stopped", () => {
  test.each([
    { name: "hundred failures where there were none", before: counts(6_000), now: counts(1_200, 100), aborts: true },
    { name: "49 failures are allowed by the rule", before: counts(6_000), now: counts(1_200, 49), aborts: false },
    {
      name: "a service that always fails a third of its calls",
      before: counts(6_000, 2_000),
      now: counts(1_200, 440),
      aborts: false,
    },
    {
      name: "that service with every second call failing",
      before: counts(6_000, 2_000),
      now: counts(1_200, 600),
      aborts: true,
    },
    { name: "a service without any calls before", before: counts(0), now: counts(60, 60), aborts: false },
    { name: "every call failing", before: counts(6_000), now: counts(1_200, 1_200), aborts: true },
    { name: "calls that stop coming", before: counts(6_000), now: counts(0), aborts: true },
    { name: "half of the calls", before: counts(6_000), now: counts(600), aborts: false },
    { name: "a quiet service that falls silent", before: counts(400), now: counts(0), aborts: false },
    { name: "a service that nobody guards", before: counts(6_000), now: counts(0), aborts: false, guarded: ["a/b"] },
    { name: "a service that was not scraped", before: counts(6_000), now: [], aborts: false },
  ])("$name: $aborts", ({ before, now, aborts, guarded }) => {
    expect(decide(before, now, guarded) !== null).toBe(aborts);
  });

  test("with the service and the numbers as its reason", () => {
    expect(decide(counts(6_000), counts(1_200, 100))).toBe(
      "go-app/go-app: 100 of 1200 requests failed in the last 120 s, 100 more than usual",
    );
    expect(decide(counts(6_000), counts(20))).toBe(
      "go-app/go-app: 1180 of 1200 usual requests are missing in the last 120 s",
    );
  });
});

describe("guarded are", () => {
  const calls = [
    { caller: "go-app/repeater", callee: SERVICE },
    { caller: SERVICE, callee: "go-app/go-app-db" },
    { caller: "shop/cart", callee: "shop/db" },
  ];
  const target = { ...podChoice().target, services: [SERVICE] };

  test("the target's services, their callers and direct callees", () => {
    const choice = { ...podChoice(), target, fault: { kind: "node-drain", durationMs: MINUTE_MS } as const };
    expect([...guardedServices(choice, calls)].sort()).toEqual([SERVICE, "go-app/go-app-db", "go-app/repeater"]);
  });

  test("not the services whose failures an HTTP fault itself makes", () => {
    const fault = { kind: "http-abort", durationMs: MINUTE_MS, httpStatus: 503, percent: 100 } as const;
    expect([...guardedServices({ ...podChoice(), target, fault }, calls)]).not.toContain(SERVICE);
  });
});
