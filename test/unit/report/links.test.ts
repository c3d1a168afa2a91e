import { expect, test } from "vitest";
import { slackMessage } from "../../../src/adapters/slack/blocks.ts";
import { experimentLinks, lastDayLinks } from "../../../src/core/report/links.ts";
import { noticesFor } from "../../../src/core/report/notices.ts";
import { fillLinks, type LinkFacts, type LinkTemplate } from "../../../src/core/text/link.ts";
import type { Notice } from "../../../src/core/text/notice.ts";
import { createWeb } from "../../../src/views/web.tsx";
import { T0 } from "../../support/experiments.ts";
import { judgedExperiment, noticeInput } from "../../support/notices.ts";
import { OPEN_ID, STATUS, webData } from "../../support/web.ts";

const GRAFANA: LinkTemplate = {
  name: "Grafana",
  url: "https://grafana.example/d/x?var-service={{service}}&from={{from}}&to={{ to }}",
};
const KIALI: LinkTemplate = { name: "Kiali", url: "https://kiali.example/{{namespace}}/{{service}}?from={{from}}" };
const BY_ID: LinkTemplate = { name: "Runs", url: "https://runs.example/{{cluster}}/{{experiment}}" };

const facts: LinkFacts = { cluster: "prod-eu", experiment: "one", service: "shop/cart", fromMs: 1_000, toMs: 2_000 };
const urls = (templates: readonly LinkTemplate[], changes: Partial<LinkFacts> = {}): readonly string[] =>
  fillLinks(templates, { ...facts, ...changes }).map(({ url }) => url);

test("placeholders of a link are filled in, with or without spaces", () => {
  expect(urls([GRAFANA, KIALI, BY_ID])).toEqual([
    "https://grafana.example/d/x?var-service=cart&from=1000&to=2000",
    "https://kiali.example/shop/cart?from=1000",
    "https://runs.example/prod-eu/one",
  ]);
});

test("a link that lacks what it needs is left out", () => {
  expect(urls([GRAFANA, KIALI, BY_ID], { service: null })).toEqual(["https://runs.example/prod-eu/one"]);
  expect(urls([GRAFANA, BY_ID], { experiment: null })).toHaveLength(1);
});

test("hostile names add no part to an address", () => {
  const service = "shop/../../admin?x=1#y\"><script>'(|>\u202e\ud800 end";
  const [url = ""] = urls([KIALI], { service });
  expect(url).toMatch(/^https:\/\/kiali\.example\/shop\/[\w.%-]+\?from=1000$/);
  expect(new URL(url).pathname.split("/")).toHaveLength(3);
});

test("a name of 10 kB makes no link", () => {
  expect(urls([KIALI], { service: `shop/${"x".repeat(10_000)}` })).toEqual([]);
});

test("links of an experiment reach from the window before it until its verdict is due", () => {
  const state = judgedExperiment();
  const { geometry } = state.plan ?? {};
  const [link] = experimentLinks({ cluster: "prod-eu", links: [GRAFANA] }, state);
  const { searchParams } = new URL(link?.url ?? "");
  expect(searchParams.get("var-service")).toBe("go-app");
  expect(Number(searchParams.get("from"))).toBe(T0 - (geometry?.beforeMs ?? 0));
  const dueMs = (state.clearMs ?? 0) + (geometry?.graceMs ?? 0) + (geometry?.lateMs ?? 0) + (geometry?.stepMs ?? 0);
  expect(Number(searchParams.get("to"))).toBe(dueMs);
});

test("after a late recovery they reach beyond it", () => {
  const recoveredMs = T0 + 4 * 3_600_000;
  const state = judgedExperiment(undefined, undefined, [
    { kind: "notified", news: [] },
    { kind: "recovered", recoveredMs, afterMs: recoveredMs - T0, cure: null },
  ]);
  const [link] = experimentLinks({ cluster: "prod-eu", links: [GRAFANA] }, state);
  expect(Number(new URL(link?.url ?? "").searchParams.get("to"))).toBeGreaterThan(recoveredMs);
});

test("an experiment in which nothing was injected has no links", () => {
  expect(experimentLinks({ cluster: "prod-eu", links: [BY_ID] }, { ...judgedExperiment(), t0Ms: null })).toEqual([]);
});

test("the page of a service has links to its last day", () => {
  const [link] = lastDayLinks({ cluster: "c", links: [GRAFANA], nowMs: 86_400_000 * 3 }, "shop/cart");
  expect(link?.url).toContain("var-service=cart&from=172800000&to=259200000");
});

/** Every message of an experiment's verdict with these links. */
const told = (links: Notice["links"]): Notice =>
  noticesFor(noticeInput(links === undefined ? {} : { links }))[0] as Notice;
const textOf = (notice: Notice): string => JSON.stringify(slackMessage(notice).blocks);

test("a Slack message has the first two links behind the one to the page", () => {
  const links = ["Grafana", "Kiali", "Third"].map((name) => ({ name, url: `https://x.example/${name}?a=1&b=2` }));
  const text = textOf(told(links));
  expect(text).toContain("|Details> · <https://x.example/Grafana?a=1&amp;b=2|Grafana> · <https://x.example/Kiali");
  expect(text).not.toContain("Third");
});

test("a message without a page of its own has links all the same", () => {
  const links = [{ name: "Grafana", url: "https://x.example/" }];
  expect(textOf({ ...told(links), link: null })).toContain("<https://x.example/|Grafana>");
});

test("pages and the API show links at the time of the experiment, and none without configuration", async () => {
  const links = [GRAFANA, KIALI];
  const web = createWeb(webData({ status: async () => ({ ...STATUS, links }) }));
  const get = async (path: string) => (await web.request(path)).text();
  const page = await get(`/experiments/${OPEN_ID}`);
  expect(page).toContain('href="https://grafana.example/d/x?var-service=go-app&amp;from=');
  expect(page).toContain('href="https://kiali.example/go-app/repeater?from=');
  expect(await get("/services/go-app/repeater")).toContain(
    `href="https://grafana.example/d/x?var-service=repeater&amp;from=${STATUS.nowMs - 86_400_000}&amp;to=${STATUS.nowMs}"`,
  );
  const { links: given } = JSON.parse(await get(`/api/experiments/${OPEN_ID}`));
  expect(given.map((one: { name: string }) => one.name)).toEqual(["Grafana", "Kiali"]);
  expect(JSON.parse(await get("/api/services/go-app/repeater")).links).toHaveLength(2);
  const plain = await createWeb(webData()).request(`/experiments/${OPEN_ID}`);
  expect(await plain.text()).not.toContain('elsewhere"');
});
