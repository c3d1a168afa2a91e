import { readFileSync } from "node:fs";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, test } from "vitest";
import { matcherTexts, withMatchers } from "../../../src/adapters/prometheus/signals/matchers.ts";
import { withOffset } from "../../../src/adapters/prometheus/signals/offset.ts";
import { fillQuery, placeholdersOf } from "../../../src/adapters/prometheus/signals/promql.ts";
import { loadSignals } from "../../../src/adapters/prometheus/signals/signals.ts";

const SAMPLE: Readonly<Record<string, string>> = {
  range: "5m",
  metric: "up",
  successes: 'code!~"5.."',
  unlabelled: 'code=""',
};
const eu = matcherTexts({ cluster: "prod-eu" });

describe("matchers of the configuration", () => {
  test.each([
    { query: "up", scoped: 'up{cluster="prod-eu"}' },
    { query: "up{}", scoped: 'up{cluster="prod-eu"}' },
    { query: 'x{a="}"}[5m]', scoped: 'x{cluster="prod-eu",a="}"}[5m]' },
    { query: '{__name__=~"a|b"}', scoped: '{cluster="prod-eu",__name__=~"a|b"}' },
    {
      query: "sum by (up) (rate(x[5m])) or y offset 5m",
      scoped: 'sum by (up) (rate(x{cluster="prod-eu"}[5m])) or y{cluster="prod-eu"} offset 5m',
    },
    { query: "time()", scoped: "time()" },
  ])("go into every selector of $query", ({ query, scoped }) => expect(withMatchers(query, eu)).toBe(scoped));

  test("are escaped", () => {
    expect(withMatchers("up", matcherTexts({ a: 'x"}\\\n' }))).toBe('up{a="x\\"}\\\\\\n"}');
  });

  test("go into every selector of every query of rules/signals, which stays PromQL", () => {
    const text = readFileSync(new URL("../../../rules/signals/istio.yaml", import.meta.url), "utf8");
    for (const query of Object.values(loadSignals(text).queries)) {
      const values = Object.fromEntries(placeholdersOf(query).map((name) => [name, SAMPLE[name] ?? "1"]));
      const scoped = withMatchers(fillQuery(query, values), eu);
      let [selectors, errors] = [0, 0];
      parser.parse(scoped).iterate({
        enter({ name, type, from, to }) {
          if (type.isError) errors++;
          if (name !== "VectorSelector") return;
          selectors++;
          expect(scoped.slice(from, to)).toContain('cluster="prod-eu"');
        },
      });
      expect(errors, query).toBe(0);
      expect(selectors > 0 || query === "time()", query).toBe(true);
    }
  });
});

describe("a query about an earlier time", () => {
  test.each([
    { query: "up", moved: "up offset 37000ms" },
    {
      query: 'sum by (a) (rate(x{le="["}[5m])) * 60 or count(y)',
      moved: 'sum by (a) (rate(x{le="["}[5m] offset 37000ms)) * 60 or count(y offset 37000ms)',
    },
  ])("$query", ({ query, moved }) => expect(withOffset(query, 37_000)).toBe(moved));

  test.each(["x offset 5m", "x @ 1700000000", "rate(x[5m] offset 1m) + y"])(
    "is not made of one that has a time of its own: %s",
    (query) => expect(withOffset(query, 37_000)).toBeNull(),
  );
});
