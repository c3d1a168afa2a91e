import { describe, expect, test } from "vitest";
import { callGraph } from "../../../src/core/judge/input/call-graph.ts";
import { type Evidence, originOf } from "../../../src/core/judge/verdict/origin.ts";

const chain = callGraph([
  { caller: "shop/web", callee: "shop/cart" },
  { caller: "shop/cart", callee: "shop/db" },
]);
const latency = (service: string, z: number, own = z): Evidence => ({ service, signal: "latency", z, own });

describe("where it began", () => {
  test("is nowhere when nothing lies far out", () => {
    expect(originOf([latency("shop/web", 2.9)], chain, new Map())).toBeNull();
  });

  test("is the deepest service with enough evidence of its own, not the one with most", () => {
    const evidence = [latency("shop/web", 9), latency("shop/cart", 8), latency("shop/db", 7)];
    expect(originOf(evidence, chain, new Map())).toBe("shop/db");
  });

  test("is not a callee that only trembles", () => {
    expect(originOf([latency("shop/web", 9), latency("shop/cart", 3.5)], chain, new Map())).toBe("shop/web");
  });

  test("is a callee that suffered as much, though its quiet record swings more", () => {
    expect(originOf([latency("shop/web", 9), latency("shop/cart", 3.5, 9)], chain, new Map())).toBe("shop/cart");
  });

  test("is no callee whose quiet record does as much by itself", () => {
    expect(originOf([latency("shop/web", 9), latency("shop/cart", 2.9, 9)], chain, new Map())).toBe("shop/web");
  });

  test("is where requests vanish: a failing caller's callee whose own callees are hardly asked", () => {
    const shop = callGraph([
      { caller: "shop/web", callee: "shop/cart" },
      { caller: "shop/cart", callee: "shop/db" },
      { caller: "shop/cart", callee: "shop/mail" },
    ]);
    const failing: Evidence = { service: "shop/web", signal: "failures", z: 9, own: 9 };
    const traffic = new Map([
      ["shop/cart", 1],
      ["shop/db", 0.1],
      ["shop/mail", 0.9],
    ]);
    expect(originOf([failing], shop, traffic)).toBe("shop/cart");
  });
});
