import { describe, expect, test } from "vitest";
import { judge } from "../../../src/core/judge/judge.ts";
import type { Verdict } from "../../../src/core/model/verdict.ts";
import { type Behaviour, inputOf, T0 } from "./scenario.ts";

/** A mesh of two applications: that of the target, and the shop's. */
const TARGET = ["go-app/go-app", "go-app/repeater"];
const OTHERS = ["shop/web", "shop/cart", "shop/stock", "shop/mail"];

/** Slow answers, or failures, of those named, from the injection on. */
function mesh(signal: "latency" | "failures", worse: readonly string[], others = OTHERS.slice(0, 2)): Behaviour[] {
  return [...TARGET, ...others].map((service) => {
    const bad = (atMs: number): boolean => worse.includes(service) && atMs >= T0;
    return {
      service,
      rps: () => 20,
      failing: (atMs) => (signal === "failures" && bad(atMs) ? 0.4 : 0),
      slow: (atMs) => (signal === "latency" && bad(atMs) ? [0.9, 0.5, 0.1] : [0.4, 0.08, 0.01]),
    };
  });
}

const verdictOf = (services: readonly Behaviour[], signal: string, service = "go-app/go-app"): Verdict =>
  judge(inputOf({ services })).verdicts.find((v) => v.service === service && v.signal === signal)!.verdict;

describe("a mesh of four services", () => {
  test.each(["latency", "failures"] as const)("in which the %s of all got worse together is confounded", (signal) => {
    const services = mesh(signal, [...TARGET, "shop/web", "shop/cart"]);
    expect(verdictOf(services, signal)).toEqual({
      kind: "inconclusive",
      why: "confounded",
      detail:
        "It got worse, but so did 2 of 2 services that have nothing to do with it (shop/web, shop/cart): run it again.",
    });
    expect(judge(inputOf({ services })).headline).toBe("inconclusive");
  });

  test.each([
    { name: "one of two services outside", worse: ["shop/web"], others: OTHERS.slice(0, 2) },
    { name: "the only service outside", worse: ["shop/web"], others: OTHERS.slice(0, 1) },
    { name: "half of four services outside", worse: ["shop/web", "shop/cart"], others: OTHERS },
    { name: "none outside", worse: [], others: OTHERS },
  ])("in which $name got worse, too, is not", ({ worse, others }) => {
    const services = mesh("latency", [...TARGET, ...worse], others);
    expect(verdictOf(services, "latency")).toEqual({ kind: "persistent" });
  });

  test("names three of the services outside, and counts the rest", () => {
    const services = mesh("latency", [...TARGET, ...OTHERS], OTHERS);
    expect(verdictOf(services, "latency")).toMatchObject({
      detail: expect.stringContaining(
        "4 of 4 services that have nothing to do with it (shop/web, shop/cart, shop/stock and 1 more)",
      ),
    });
  });

  test("is told apart by signal: slow answers of others say nothing of failures", () => {
    const services = mesh("failures", TARGET).map((one) =>
      TARGET.includes(one.service)
        ? one
        : {
            ...one,
            slow: (atMs: number): readonly [number, number, number] =>
              atMs >= T0 ? [0.9, 0.5, 0.1] : [0.4, 0.08, 0.01],
          },
    );
    expect(verdictOf(services, "failures")).toEqual({ kind: "persistent" });
  });
});
