import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { served } from "../../src/main/web/pages.ts";
import { type RunningWeb, serveWeb } from "../../src/main/web/serve.ts";
import type { WebStatus } from "../../src/views/data.ts";
import { describeWith, findProgram } from "../support/requires.ts";
import { OPEN_ID, STATUS, webData } from "../support/web.ts";

/** Longer than the five seconds between two looks, also on a machine that is busy. */
const PATIENT = { timeout: 30_000 };
const HALTED = { kind: "halted", why: "<b>deploy</b> & freeze", by: "ada", atMs: STATUS.nowMs } as const;

/** A dashboard whose status can be changed, below `base`. */
async function dashboard(base = "") {
  const now = { status: STATUS as WebStatus };
  let ms = STATUS.nowMs;
  const data = webData({ status: async () => now.status });
  const options = { host: "127.0.0.1", port: 0, hosts: [], base };
  const web = await serveWeb(
    served(data, options, () => ++ms),
    options,
  );
  return { now, web };
}

/**
 * A proxy that asks for a login, as OAuth2 Proxy does: without one every address leads to a page
 * where it is given.
 */
async function loginProxy(to: RunningWeb) {
  const login = { isOpen: true };
  const server = createServer((incoming, outgoing) => {
    if (incoming.url === "/login") return void outgoing.end("<title>Log in</title>");
    if (!login.isOpen) return void outgoing.writeHead(302, { location: "/login" }).end();
    const { method, headers, url } = incoming;
    const asked = request(`${to.address}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    asked.on("error", () => outgoing.destroy());
    outgoing.on("close", () => asked.destroy());
    incoming.pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    login,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

describeWith("chromium", "a page that is kept up to date", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: findProgram("chromium") ?? "chromium", args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());

  async function visit(address: string): Promise<{ readonly page: Page; readonly complaints: string[] }> {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (cause) => complaints.push(cause.message));
    await page.goto(address);
    return { page, complaints };
  }
  const isLive = (page: Page) => page.locator("#refresh[data-live]", { hasText: "Live" }).waitFor(PATIENT);
  const banner = (page: Page) => page.locator(".banner", { hasText: "<b>deploy</b> & freeze" });

  test("shows a halt by itself, without another page load, and what the reader opened stays open", async () => {
    const { web, now } = await dashboard();
    await using _ended = web;
    const { page, complaints } = await visit(`${web.address}/experiments/${OPEN_ID}`);
    await isLive(page);
    await page.evaluate("window.isTheSamePage = true");
    const folds = page.locator("main details");
    await folds.last().locator("summary").click();
    now.status = { ...STATUS, halt: HALTED };
    await banner(page).waitFor(PATIENT);
    await isLive(page);
    const opened = await page.evaluate("[...document.querySelectorAll('main details')].map(({ open }) => open)");
    expect(opened).toEqual((await folds.all()).map((_, i, all) => i === all.length - 1));
    const focused = await page.evaluate("document.activeElement.textContent");
    expect(focused).toBe(await folds.last().locator("summary").textContent());
    expect(await page.evaluate("window.isTheSamePage")).toBe(true);
    expect(complaints).toEqual([]);
    now.status = STATUS;
    await banner(page).waitFor({ ...PATIENT, state: "detached" });
    await page.close();
  }, 120_000);

  test("what is being typed is not taken away: the link says that something has changed", async () => {
    const { web, now } = await dashboard();
    await using _ended = web;
    const { page } = await visit(`${web.address}/experiments`);
    await isLive(page);
    await page.getByLabel("Service").fill("go-a");
    now.status = { ...STATUS, halt: HALTED };
    await page.getByText("Changed: refresh").waitFor(PATIENT);
    expect(await page.getByLabel("Service").inputValue()).toBe("go-a");
    await page.getByText("Changed: refresh").click();
    await banner(page).waitFor(PATIENT);
    await page.close();
  }, 120_000);

  test("below a path behind a login; when that ends the page stays, and the link leads to the login", async () => {
    const { web, now } = await dashboard("/tools/aftershock");
    await using proxy = await loginProxy(web);
    await using _ended = web;
    const { page } = await visit(`${proxy.address}/tools/aftershock/findings`);
    await isLive(page);
    now.status = { ...STATUS, halt: HALTED };
    await banner(page).waitFor(PATIENT);
    await isLive(page);
    proxy.login.isOpen = false;
    now.status = STATUS;
    const link = page.getByText("Changed: refresh");
    await link.waitFor(PATIENT);
    expect(await page.locator("h1").textContent()).toContain("Findings");
    await link.click();
    await page.waitForURL(`${proxy.address}/login`);
    await page.close();
  }, 120_000);

  test("when the program ends the link no longer says live", async () => {
    const { web } = await dashboard();
    const { page } = await visit(web.address);
    await isLive(page);
    await web[Symbol.asyncDispose]();
    await page.locator("#refresh:not([data-live])", { hasText: "Refresh" }).waitFor(PATIENT);
    await page.close();
  }, 120_000);

  test("without JavaScript the link loads the page again", async () => {
    const { web, now } = await dashboard();
    await using _ended = web;
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${web.address}/experiments?q=go-app`);
    now.status = { ...STATUS, halt: HALTED };
    // a page that was made is given to everybody for a second
    await expect
      .poll(async () => {
        await page.getByRole("link", { name: "Refresh" }).click();
        return banner(page).count();
      }, PATIENT)
      .toBe(1);
    expect(page.url()).toBe(`${web.address}/experiments?q=go-app`);
    await context.close();
  }, 120_000);
});
