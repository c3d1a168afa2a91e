import type { AddressInfo } from "node:net";
import { type ServerType, serve } from "@hono/node-server";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createWeb } from "../../src/views/web.tsx";
import { describeWith, findProgram } from "../support/requires.ts";
import { OPEN_ID, webData } from "../support/web.ts";
import { KINDS } from "../support/web-kinds.ts";

const PAGES = [
  { name: "overview", path: "/", says: "What is open now" },
  { name: "experiment", path: `/experiments/${OPEN_ID}`, says: "go-app does not reconnect to go-app-db" },
  ...Object.values(KINDS).map(({ state }) => ({
    name: `experiment ${state.plan?.id}`,
    path: `/experiments/${state.plan?.id}`,
    says: "What happened",
  })),
  { name: "service", path: "/services/go-app/go-app", says: "Effect on this service" },
  { name: "experiments", path: "/experiments?refused=show", says: "9 experiments" },
  { name: "services", path: "/services", says: "go-app does not reconnect to go-app-db" },
  { name: "risks", path: "/risks", says: "runs as one replica" },
  { name: "map", path: "/map", says: "go-app/go-app-db" },
  { name: "findings", path: "/findings", says: "single point of failure" },
  { name: "report", path: "/reports/2026-W10", says: "Of 3 tested workloads: 1 unaffected by every fault" },
];

describeWith("chromium", "the dashboard in a real browser", () => {
  let browser: Browser;
  let server: ServerType;
  let base: string;

  beforeAll(async () => {
    const { promise, resolve } = Promise.withResolvers<AddressInfo>();
    server = serve({ fetch: createWeb(webData()).fetch, hostname: "127.0.0.1", port: 0 }, resolve);
    base = `http://127.0.0.1:${(await promise).port}`;
    browser = await chromium.launch({ executablePath: findProgram("chromium") ?? "chromium", args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    await new Promise((resolve) => server.close(resolve));
  });

  /**
   * Opens a page without JavaScript and collects every complaint of the browser and every address
   * it asked for.
   */
  async function visit(path: string, width: number, colorScheme: "light" | "dark" = "light") {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      colorScheme,
      javaScriptEnabled: false,
    });
    const page = await context.newPage();
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (cause) => complaints.push(cause.message));
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(base + path);
    return { page, complaints, asked, close: () => context.close() };
  }

  const boxOf = async (page: Page, selector: string) => (await page.locator(selector).first().boundingBox())!;

  test.each(PAGES.flatMap((page) => [1280, 400].map((width) => ({ ...page, width }))))(
    "$name at $width px: readable without JavaScript, nothing sticks out, no complaint, no request to anybody",
    async ({ path, says, width }) => {
      const { page, complaints, asked, close } = await visit(path, width);
      expect(await page.locator("main").textContent()).toContain(says);
      for (const box of await page.locator(".card, .tile, h1, table, .chart svg").all()) {
        const { x, width: wide } = (await box.boundingBox()) ?? { x: 0, width: 0 };
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + wide).toBeLessThanOrEqual(width + 0.5);
      }
      expect(complaints).toEqual([]);
      expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([base + path]);
      await close();
    },
  );

  test("the style is applied, in light and in dark", async () => {
    const light = await visit("/", 1280, "light");
    const dark = await visit("/", 1280, "dark");
    expect((await light.page.screenshot()).equals(await dark.page.screenshot())).toBe(false);
    await light.close();
    await dark.close();
  });

  test("three charts stand side by side on a wide screen, and below each other on a small one", async () => {
    const path = `/experiments/${OPEN_ID}`;
    const wide = await visit(path, 1280);
    const [a, b] = [await boxOf(wide.page, ".chart >> nth=0"), await boxOf(wide.page, ".chart >> nth=1")];
    expect(b.x).toBeGreaterThan(a.x + a.width - 1);
    await wide.close();
    const small = await visit(path, 400);
    const [c, d] = [await boxOf(small.page, ".chart >> nth=0"), await boxOf(small.page, ".chart >> nth=1")];
    expect(d.y).toBeGreaterThan(c.y + c.height - 1);
    await small.close();
  });

  test("the list of experiments is narrowed by its form, without JavaScript", async () => {
    const { page, close } = await visit("/experiments", 1280);
    await page.getByLabel("Outcome").selectOption("not recovered");
    await page.getByLabel("Service").fill("go-app/go-app-db");
    await page.getByRole("button", { name: "Show" }).click();
    expect(new URL(page.url()).searchParams.get("outcome")).toBe("not recovered");
    expect(await page.locator("tbody tr").count()).toBe(2);
    expect(await page.getByLabel("Service").inputValue()).toBe("go-app/go-app-db");
    await close();
  });

  test("from the overview one comes to the experiment, the service and back", async () => {
    const { page, close } = await visit("/", 1280);
    await page.getByRole("link", { name: "A pod of go-app-db was deleted" }).first().click();
    expect(page.url()).toBe(`${base}/experiments/${OPEN_ID}`);
    await page.getByRole("link", { name: "go-app/go-app", exact: true }).first().click();
    expect(page.url()).toBe(`${base}/services/go-app/go-app`);
    await page.getByRole("link", { name: "Overview" }).first().click();
    expect(page.url()).toBe(`${base}/`);
    await close();
  });
});
