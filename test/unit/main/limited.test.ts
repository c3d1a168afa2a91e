import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { limited } from "../../../src/main/web/limited.ts";

/** Pages that are made by hand, and how many were begun. */
function pages() {
  const open: { readonly path: string; readonly finish: (text: string) => void }[] = [];
  let nowMs = 0;
  const fetch = limited(
    (request) =>
      new Promise((resolve) => {
        open.push({ path: new URL(request.url).pathname, finish: (text) => resolve(new Response(text)) });
      }),
    () => nowMs,
  );
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  const get = (path: string, host = "localhost") =>
    Promise.resolve(fetch(new Request(`http://localhost${path}`, { headers: { host } })));
  return { open, get, pass };
}
const soon = () => new Promise((resolve) => setImmediate(resolve));

test("two hundred readers of one page cost one page", async () => {
  const { open, get } = pages();
  const readers = Array.from({ length: 200 }, () => get("/"));
  await soon();
  expect(open).toHaveLength(1);
  open[0]?.finish("page");
  expect(new Set(await Promise.all(readers.map(async (one) => (await one).text())))).toEqual(new Set(["page"]));
  expect((await get("/")).status).toBe(200);
  expect(open).toHaveLength(1);
});

test("a page is made again after a second, and for each name on its own", async () => {
  const { open, get, pass } = pages();
  const first = get("/");
  await soon();
  open[0]?.finish("old");
  await first;
  pass(1_001);
  void get("/");
  void get("/", "other");
  await soon();
  expect(open).toHaveLength(3);
});

test("four pages are made at a time, some wait, and the rest is told to come back", async () => {
  const { open, get } = pages();
  const asked = Array.from({ length: 50 }, (_, i) => get(`/${i}`));
  const refused = await asked.at(-1);
  expect([refused?.status, refused?.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(open).toHaveLength(4);
  open[0]?.finish("first");
  await asked[0];
  await soon();
  expect(open).toHaveLength(5);
  for (let made = 1; made < 36; made++) {
    open[made]?.finish("page");
    await soon();
  }
  const statuses = await Promise.all(asked.map(async (one) => (await one).status));
  expect(statuses.filter((status) => status === 200)).toHaveLength(36);
});

test("a page that fails is made again for the next one", async () => {
  let calls = 0;
  const fetch = limited(
    async () => {
      if (calls++ === 0) throw new Error("storage is away");
      return new Response("page");
    },
    () => 0,
  );
  await expect(fetch(new Request("http://localhost/"))).rejects.toThrow("storage is away");
  expect(await (await fetch(new Request("http://localhost/"))).text()).toBe("page");
});

describe("what a reader takes", () => {
  const page = "a line that comes often\n".repeat(200);
  const answer = async (headers: Record<string, string>, text = page, status = 200) => {
    const fetch = limited(
      () => new Response(text, { status, headers: { "content-type": "text/html; charset=UTF-8" } }),
    );
    return fetch(new Request("http://localhost/", { headers }));
  };

  test.each([
    { asks: "gzip, deflate, br", encoding: "gzip" },
    { asks: "br;q=1.0, gzip;q=0.8", encoding: "gzip" },
    { asks: "*", encoding: "gzip" },
    { asks: "gzip;q=0", encoding: null },
    { asks: "br", encoding: null },
    { asks: "", encoding: null },
  ])("$asks: $encoding", async ({ asks, encoding }) => {
    const response = await answer({ "accept-encoding": asks });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([response.headers.get("content-encoding"), response.headers.get("vary")]).toEqual([
      encoding,
      "accept-encoding",
    ]);
    expect(String(encoding === null ? bytes : gunzipSync(bytes))).toBe(page);
    if (encoding !== null) expect(bytes.length).toBeLessThan(page.length / 10);
  });

  test("what it has already is not sent again, and another answer is", async () => {
    const etag = (await answer({})).headers.get("etag") ?? "";
    const same = await answer({ "if-none-match": `"x", ${etag}` });
    expect([same.status, await same.text(), same.headers.get("etag")]).toEqual([304, "", etag]);
    expect((await answer({ "if-none-match": etag }, `${page}!`)).status).toBe(200);
  });

  test("a failure has no tag, and a short answer is sent as it is", async () => {
    expect((await answer({}, page, 503)).headers.get("etag")).toBeNull();
    expect((await answer({ "accept-encoding": "gzip" }, "ok\n")).headers.get("content-encoding")).toBeNull();
  });
});
