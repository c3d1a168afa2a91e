import { expect, test } from "vitest";
import { basePathOf, underBase } from "../../../src/views/base-path.ts";
import { createWeb } from "../../../src/views/web.tsx";
import { OPEN_ID, webData } from "../../support/web.ts";

/** Pages that no other page has to lead to. */
const ENTRIES = ["/", `/experiments/${OPEN_ID}`];
/** More than there are: a crawl that does not end is a mistake, too. */
const MOST_PAGES = 400;

/**
 * Experiments that findings were seen in, and that are not kept any more: their pages say so, and
 * are no pages.
 */
const FORGOTTEN = ["go-app-pods-20260223T090000Z", "go-app-pods-20260219T090000Z"];
const isForgotten = (path: string): boolean => FORGOTTEN.some((id) => path.endsWith(`/experiments/${id}`));

interface Crawled {
  readonly html: string;
  readonly status: number;
  readonly type: string;
}

const hrefsOf = (html: string): readonly string[] =>
  [...html.matchAll(/ (?:href|action)="([^"]*)"/g)].map((match) => (match[1] ?? "").replaceAll("&amp;", "&"));

/** Every address that pages lead to, with the page that does. */
async function crawl(base = ""): Promise<{ pages: ReadonlyMap<string, Crawled>; from: ReadonlyMap<string, string> }> {
  const web = createWeb(webData());
  const pages = new Map<string, Crawled>();
  const from = new Map<string, string>();
  const answer = underBase((request) => web.fetch(request), base);
  const due = ENTRIES.map((path) => base + path);
  for (let path = due.shift(); path !== undefined; path = due.shift()) {
    if (pages.has(path)) continue;
    expect(pages.size, "the crawl ends").toBeLessThan(MOST_PAGES);
    const given = await answer(new Request(`http://127.0.0.1${path}`));
    const type = given.headers.get("content-type") ?? "";
    const page = { html: await given.text(), status: given.status, type };
    pages.set(path, page);
    if (!type.startsWith("text/html")) continue;
    for (const href of hrefsOf(page.html)) {
      if (!href.startsWith("/")) continue;
      const [to = ""] = href.split("#");
      from.set(href, from.get(href) ?? path);
      if (!pages.has(to)) due.push(to);
    }
  }
  return { pages, from };
}

test("every link inside the pages leads somewhere, its place in the page included", async () => {
  const { pages, from } = await crawl();
  expect(pages.size).toBeGreaterThan(20);
  for (const [href, page] of from) {
    const [path = "", place] = href.split("#");
    const at = pages.get(path);
    expect(at?.status, `${href}, linked by ${page}`).toBe(isForgotten(path) ? 404 : 200);
    if (place !== undefined)
      expect(at?.html, `${href}, linked by ${page}`).toContain(` id="${decodeURIComponent(place)}"`);
  }
});

test("places inside a page exist on it, and no id stands twice", async () => {
  const { pages } = await crawl();
  for (const [path, { html, type }] of pages) {
    if (!type.startsWith("text/html")) continue;
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]);
    expect(ids.length, path).toBe(new Set(ids).size);
    for (const href of hrefsOf(html)) if (href.startsWith("#")) expect(ids, path).toContain(href.slice(1));
  }
});

test("under a path of an Ingress, every link stays below it and leads somewhere", async () => {
  const { pages, from } = await crawl("/tools/aftershock");
  const whole = await crawl();
  expect([...from.keys()].filter((href) => !href.startsWith("/tools/aftershock/"))).toEqual([]);
  expect(pages.size).toBe(whole.pages.size);
  expect([...pages].filter(([path, { status }]) => status !== 200 && !isForgotten(path)).map(([path]) => path)).toEqual(
    [],
  );
});

test("a proxy that leaves the path away is answered, too", async () => {
  const answer = underBase((request) => createWeb(webData()).fetch(request), "/tools/aftershock");
  const given = await answer(new Request("http://127.0.0.1/findings"));
  expect(given.status).toBe(200);
  expect(await given.text()).toContain('href="/tools/aftershock/experiments"');
});

test.each([
  { url: "https://example.com", base: "" },
  { url: "https://example.com/", base: "" },
  { url: "https://example.com/tools/aftershock/", base: "/tools/aftershock" },
  { url: null, base: "" },
])("$url lies at $base", ({ url, base }) => expect(basePathOf(url)).toBe(base));

test("nothing leads out of the dashboard", async () => {
  const { pages } = await crawl();
  for (const [path, { html, type }] of pages) {
    const out = type.startsWith("text/html")
      ? hrefsOf(html).filter((href) => !/^(\/|#|\?|$|data:image)/.test(href))
      : [];
    expect(out, path).toEqual([]);
  }
});
