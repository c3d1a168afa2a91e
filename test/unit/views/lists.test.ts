import { describe, expect, test } from "vitest";
import { changedOutcomes } from "../../../src/views/lists/changes.ts";
import { applyFilter, type ExperimentFilter, filterOf, whyBadFilter } from "../../../src/views/lists/filter.ts";
import { listed } from "../../../src/views/lists/listed.ts";
import { pageOf, queryOf } from "../../../src/views/lists/paging.ts";
import { createWeb } from "../../../src/views/web.tsx";
import { EXPERIMENTS, OPEN_ID, webData } from "../../support/web.ts";
import { KINDS } from "../../support/web-kinds.ts";

const lines = EXPERIMENTS.map(listed);
const natural = listed(KINDS.nodeLost.state);
const fits = (filter: ExperimentFilter, all = lines) => applyFilter(all, filter, "Europe/Berlin");
const textOf = async (path: string) => (await createWeb(webData()).request(path)).text();

describe("a list of experiments", () => {
  test("folds refused and missed ones away, and says how many", () => {
    const { lines: shown, folded } = fits({});
    expect(shown.map(({ ending }) => ending)).not.toContain("refused");
    expect([shown.length + folded, folded]).toEqual([lines.length, 3]);
    expect(fits({ refused: "show" })).toEqual({ lines, folded: 0 });
  });

  test.each<{ filter: ExperimentFilter; found: readonly string[] }>([
    { filter: { outcome: "refused" }, found: ["refused", "refused"] },
    { filter: { outcome: "not recovered" }, found: ["not recovered", "not recovered"] },
    { filter: { outcome: "false alarm" }, found: ["false alarm"] },
    { filter: { kind: "sham" }, found: ["false alarm", "sham: no effect"] },
    { filter: { policy: "none-such" }, found: [] },
    { filter: { fault: "pod-evict" }, found: [] },
    { filter: { from: "2026-03-06", outcome: "not recovered" }, found: ["not recovered"] },
    { filter: { to: "2026-03-05", outcome: "not recovered" }, found: ["not recovered"] },
    { filter: { from: "2026-03-06", to: "2026-03-05" }, found: [] },
    { filter: { service: "go-app/go-app-db" }, found: ["not recovered", "not recovered"] },
    { filter: { q: "GO-APP-DB deleted" }, found: ["not recovered", "not recovered"] },
    { filter: { q: "go-app-db nobody" }, found: [] },
  ])("narrowed by $filter", ({ filter, found }) =>
    expect(fits(filter).lines.map(({ ending }) => ending)).toEqual(found),
  );

  test("tells what happened by itself from faults", () => {
    expect(fits({ kind: "natural" }, [...lines, natural]).lines).toEqual([natural]);
    expect(natural).toMatchObject({ kind: "natural", fault: "node-lost" });
  });

  test("a day begins at midnight where the installation is", () => {
    const at = (iso: string) => [{ ...lines[1]!, atMs: Date.parse(iso) }];
    const day = { from: "2026-03-29", to: "2026-03-29" };
    expect(fits(day, at("2026-03-28T23:00:00Z")).lines).toHaveLength(1);
    expect(fits(day, at("2026-03-29T22:00:00Z")).lines).toHaveLength(0);
    expect(fits(day, at("2026-03-28T22:59:59Z")).lines).toHaveLength(0);
  });

  test("empty fields ask for nothing, strange ones are left out, days are checked", () => {
    expect(filterOf({ outcome: "", q: "  a  ", nonsense: "x" })).toEqual({ q: "a" });
    expect(whyBadFilter({ from: "yesterday" })).toBe("from: expected a day, as 2026-03-06");
    expect(whyBadFilter({ to: "2026-13-40" })).toBe("to: expected a day, as 2026-03-06");
    expect(whyBadFilter({ from: "2026-03-06" })).toBeNull();
  });

  test("pages: the last one where there are not so many", () => {
    expect(pageOf([1, 2, 3], "9", 2)).toEqual({ items: [3], page: 2, pages: 2, total: 3 });
    expect(pageOf([1, 2, 3], "-1", 2)).toMatchObject({ items: [1, 2], page: 1 });
    expect(pageOf([], undefined, 2)).toEqual({ items: [], page: 1, pages: 1, total: 0 });
    expect(queryOf({ a: "b&c", page: 2, none: undefined, empty: "" })).toBe("?a=b%26c&page=2");
  });
});

describe("the page of experiments", () => {
  test("keeps what it is narrowed by in its fields and in the ways to other pages", async () => {
    const many = Array.from({ length: 120 }, (_, i) => ({ ...lines[1]!, id: `e-${i}` }));
    const web = createWeb(webData({ lines: async () => many }));
    const html = await (await web.request("/experiments?outcome=not+recovered&page=2")).text();
    expect(html).toContain('<option value="not recovered" selected="">');
    expect(html).toContain('href="/experiments?outcome=not+recovered&amp;page=3"');
    expect(html).toContain("Page 2 of 3");
    expect(html).toContain("/experiments/e-50");
    expect(html).not.toContain("/experiments/e-49");
  });

  test("a day that is none is refused, and nothing is listed", async () => {
    const response = await createWeb(webData()).request("/experiments?from=soon");
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("from: expected a day");
  });

  test("leads to what was folded away", async () => {
    expect(await textOf("/experiments")).toContain("3 refused, missed or not injected are left out");
    expect(await textOf("/experiments")).not.toContain("has not recovered: go-app/go-app");
    expect(await textOf("/experiments?refused=show")).toContain("has not recovered: go-app/go-app");
  });
});

describe("services", () => {
  test("each with its outcomes, its coverage and its open findings, those first", async () => {
    const services = (await (await createWeb(webData()).request("/api/services")).json()) as {
      service: string;
      findings: string[];
      outcomes: Record<string, number>;
      last: { id: string; outcome: string };
    }[];
    expect(services[0]).toMatchObject({ service: "go-app/go-app", last: { id: OPEN_ID, outcome: "not recovered" } });
    expect(services[0]?.findings).toContain("go-app does not reconnect to go-app-db");
    const app = services.find(({ service }) => service === "go-app/go-app");
    // the week's two losses of the database and its own: shams and refusals are no tests
    expect(app?.outcomes).toEqual({ unaffected: 1, recovered: 1, "not recovered": 2, unknown: 0 });
  });

  test("one to which nothing happened yet has a page, too", async () => {
    expect(await textOf("/services")).toContain('href="/services/go-app/ledger"');
    expect((await createWeb(webData()).request("/services/go-app/ledger")).status).toBe(200);
  });

  test("are found by part of their name", async () =>
    expect(await (await createWeb(webData()).request("/api/services?q=REPEAT")).json()).toHaveLength(1));
});

describe("what changed", () => {
  const line = (atMs: number, outcome: "unaffected" | "recovered" | "unknown") => ({
    ...lines[1]!,
    id: `at-${atMs}`,
    atMs,
    outcome,
    effects: [{ service: "a/b", outcome }],
  });

  test.each([
    { name: "the last two differ", all: [line(9, "recovered"), line(5, "unaffected")], told: ["at-9"] },
    { name: "the last two are equal", all: [line(9, "recovered"), line(5, "recovered")], told: [] },
    { name: "there is only one", all: [line(9, "recovered")], told: [] },
    { name: "it is old", all: [line(3, "recovered"), line(2, "unaffected")], told: [] },
    {
      name: "what could not be judged lies between",
      all: [line(9, "recovered"), line(8, "unknown"), line(5, "unaffected")],
      told: ["at-9"],
    },
    {
      name: "it changed earlier, and not since",
      all: [line(9, "recovered"), line(8, "recovered"), line(5, "unaffected")],
      told: [],
    },
  ])("$name", ({ all, told }) => expect(changedOutcomes(all, 4).map(({ id }) => id)).toEqual(told));

  test("stands on the overview before everything but what is open", async () => {
    const html = await textOf("/");
    expect(html.indexOf("What changed")).toBeGreaterThan(html.indexOf("What is open now"));
    expect(html.indexOf("What changed")).toBeLessThan(html.indexOf("Last experiments"));
  });

  test("a flood of refusals pushes no experiment out of the overview", async () => {
    const refused = listed(EXPERIMENTS[0]!);
    const flood = Array.from({ length: 500 }, (_, i) => ({ ...refused, id: `r-${i}` }));
    const data = webData({ lines: async () => [...flood, ...lines.slice(1)], states: async () => [] });
    const html = await (await createWeb(data).request("/")).text();
    expect(html).toContain(`/experiments/${OPEN_ID}`);
    expect(html).toContain("slots since then refused or missed");
  });
});

test("every list of the API comes in parts, with the way to the next", async () => {
  const web = createWeb(webData());
  const first = await web.request("/api/experiments?outcome=not+recovered&limit=1");
  const [one] = (await first.json()) as { plan: { id: string } }[];
  expect([first.headers.get("x-total-count"), one?.plan.id]).toEqual(["2", OPEN_ID]);
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  const second = await web.request(next);
  expect(((await second.json()) as { plan: { id: string } }[])[0]?.plan.id).not.toBe(OPEN_ID);
  expect(second.headers.get("link")).toBeNull();
  for (const path of ["services", "findings", "slots", "reports"]) {
    expect(((await (await web.request(`/api/${path}?limit=1&offset=1`)).json()) as []).length).toBe(1);
    expect((await web.request(`/api/${path}?offset=-1`)).status).toBe(400);
  }
});
