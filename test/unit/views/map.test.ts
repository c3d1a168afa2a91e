import { describe, expect, test } from "vitest";
import type { ServiceCall } from "../../../src/core/model/service-call.ts";
import { blastLooks, blastRadius } from "../../../src/views/map/blast.ts";
import { familiesOf, MOST_BOXES, serviceGraph } from "../../../src/views/map/graph.ts";
import { place } from "../../../src/views/map/layout.ts";
import { createWeb } from "../../../src/views/web.tsx";
import { OPEN_ID, webData } from "../../support/web.ts";

const call = (caller: string, callee: string, protocol: "http" | "tcp" = "http"): ServiceCall => ({
  caller,
  callee,
  protocol,
  perSecond: 2,
});

/** `families` namespaces of `each` services: a chain in each, and each calls into the next. */
const mesh = (families: number, each: number): ServiceCall[] =>
  Array.from({ length: families }, (_, f) => [
    ...Array.from({ length: each - 1 }, (_, i) => call(`ns-${f}/s-${i}`, `ns-${f}/s-${i + 1}`)),
    ...(f + 1 < families ? [call(`ns-${f}/s-0`, `ns-${f + 1}/s-0`)] : []),
  ]).flat();

describe("the service map", () => {
  test("few services are drawn each, callers before what they call", () => {
    const graph = serviceGraph([call("a/web", "a/app"), call("a/app", "a/db", "tcp")], new Map(), null);
    expect(graph.nodes.map(({ id }) => id)).toEqual(["a/app", "a/db", "a/web"]);
    expect(graph.edges.map(({ tcp }) => tcp)).toEqual([false, true]);
    const { boxes } = place(graph);
    const [app, db, web] = boxes.map(({ x }) => x);
    expect(web).toBeLessThan(app!);
    expect(app).toBeLessThan(db!);
  });

  test("no two boxes cover each other, and the same graph is placed the same", () => {
    const graph = serviceGraph(mesh(5, 10), new Map(), null);
    const { boxes } = place(graph);
    for (const [i, a] of boxes.entries())
      for (const b of boxes.slice(i + 1)) expect(Math.abs(a.x - b.x) >= 172 || Math.abs(a.y - b.y) >= 40).toBe(true);
    expect(place(graph)).toEqual(place(graph));
  });

  test("of a hundred services the families are drawn, and one that is opened between its neighbours", () => {
    const calls = mesh(10, 10);
    const looks = new Map([["ns-3/s-4", "not recovered" as const]]);
    const whole = serviceGraph(calls, looks, null);
    expect(whole.nodes).toHaveLength(10);
    expect(whole.nodes.find(({ id }) => id === "ns-3")).toEqual({ id: "ns-3", look: "not recovered", size: 10 });
    expect(whole.edges).toHaveLength(9);
    const opened = serviceGraph(calls, looks, "ns-3");
    expect(opened.nodes.filter(({ size }) => size === null)).toHaveLength(10);
    expect(opened.nodes.filter(({ size }) => size !== null).map(({ id }) => id)).toEqual(["ns-2", "ns-4"]);
  });

  test("a namespace that is too large for one picture falls apart by the first word of its names", () => {
    const services = Array.from({ length: MOST_BOXES + 2 }, (_, i) => `shop/${i % 2 === 0 ? "cart" : "mail"}-${i}`);
    expect([...new Set(familiesOf([...services, "go-app/db"]).values())]).toEqual([
      "shop/cart…",
      "shop/mail…",
      "go-app",
    ]);
  });

  test("a ring of calls is drawn, too", () =>
    expect(place(serviceGraph([call("a/x", "a/y"), call("a/y", "a/x")], new Map(), null)).boxes).toHaveLength(2));

  test("says so when the call graph is not known", async () => {
    const data = webData({ calls: async () => ({ calls: [], unread: "Prometheus does not answer" }) });
    const html = await (await createWeb(data).request("/map")).text();
    expect(html).toContain("Prometheus does not answer");
    expect((await createWeb(data).request("/api/calls")).status).toBe(503);
  });

  test("has a table behind it, and a box leads to its service", async () => {
    const html = await (await createWeb(webData()).request("/map")).text();
    expect(html).toMatch(/<a href="\/services\/go-app\/go-app-db"><g [^>]*><title>go-app\/go-app-db: unknown</);
    expect(html).toMatch(/<td>TCP<\/td>/);
  });
});

describe("the blast radius", () => {
  test("who was hit, whom it reached, who was not affected", async () => {
    const { state, calls } = (await webData().experiment(OPEN_ID))!;
    expect(Object.fromEntries(blastLooks(state))).toEqual({
      "go-app/go-app": "not recovered",
      "go-app/repeater": "not recovered",
      "go-app/go-app-db": "hit",
    });
    const graph = blastRadius(state, calls);
    expect(graph?.edges.map(({ from, to }) => `${from} → ${to}`)).toEqual([
      "go-app/repeater → go-app/go-app",
      "go-app/go-app → go-app/go-app-db",
    ]);
  });

  test("is on the experiment's page, and left out where nobody knows who called whom", async () => {
    const page = async (data = webData()) => (await createWeb(data).request(`/experiments/${OPEN_ID}`)).text();
    expect(await page()).toContain("Blast radius");
    const record = (await webData().experiment(OPEN_ID))!;
    expect(await page(webData({ experiment: async () => ({ ...record, calls: [] }) }))).not.toContain("Blast radius");
  });
});
