import { describe, expect, test } from "vitest";
import { chooseCallers, NO_TOTALS } from "../../../src/adapters/prometheus/read/callers.ts";
import type { Totals } from "../../../src/adapters/prometheus/signals/reporter.ts";

const choose = (totals: Readonly<Record<string, Partial<Totals>>>) =>
  Object.fromEntries(
    chooseCallers(new Map(Object.entries(totals).map(([caller, seen]) => [caller, { ...NO_TOTALS, ...seen }]))),
  );

describe("who is believed about each caller", () => {
  test("a gateway with a proxy, a caller through the waypoint and one from outside are each read once", () => {
    const chosen = choose({
      "mesh/gateway": { source: 100, destination: 100 },
      "shop/web": { waypoint: 300, destination: 300 },
      "": { destination: 50 },
    });
    expect(chosen).toEqual({ "mesh/gateway": "source", "shop/web": "waypoint", "": "destination" });
  });

  test("requests of nobody known that are as many as those of callers which only report themselves are the same", () => {
    expect(choose({ "shop/web": { source: 1000 }, "": { destination: 1010 } })).toEqual({
      "shop/web": "source",
      "": "source",
    });
  });

  test("when there are more, the server is believed about both, and no request counts twice", () => {
    expect(choose({ "shop/web": { source: 500 }, "": { destination: 900 } })).toEqual({
      "shop/web": "destination",
      "": "destination",
    });
  });

  test("a caller whose proxies see as many successes is believed, whatever a waypoint says", () => {
    expect(choose({ "shop/web": { source: 1000, waypoint: 1000, destination: 1000 } })).toEqual({
      "shop/web": "source",
    });
  });
});
