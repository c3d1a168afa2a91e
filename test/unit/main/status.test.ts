import { describe, expect, test } from "vitest";
import { statusOf } from "../../../src/main/web/status.ts";
import { bench, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";

const never = new AbortController().signal;
const LINKS = [{ name: "Grafana", url: "https://grafana.example/d/x?from={{from}}" }];

type Deps = Parameters<typeof statusOf>[0];

async function status(changes: Partial<Deps> = {}) {
  const { deps } = await bench(world());
  const settings = { ...deps.settings(), links: LINKS };
  const facts = { settings, notFollowed: [], metrics: "", notReady: null };
  const halt = { read: async () => null };
  const metrics = { health: async () => ({ blind: null }) } as unknown as Deps["metrics"];
  return statusOf({ clock: { nowMs: () => T0 }, book: deps.book, halt, metrics, ...changes }, facts, never);
}

describe("what every page says at its top", () => {
  test("the links of the configuration go along, for pages to fill in", async () => {
    expect(await status()).toMatchObject({ links: LINKS, halt: { kind: "none" }, blind: null, nowMs: T0 });
  });

  test("a halt that stands, and one that cannot be read", async () => {
    const stands = { why: "incident 4711", by: "ada", atMs: T0 };
    expect((await status({ halt: { read: async () => stands } })).halt).toEqual({ kind: "halted", ...stands });
    const away = { read: () => Promise.reject(new Error("connect ECONNREFUSED")) };
    expect((await status({ halt: away })).halt).toEqual({ kind: "unknown", why: "connect ECONNREFUSED" });
  });

  test("a metrics source that does not answer is blind, and says why", async () => {
    const metrics = { health: () => Promise.reject(new Error("no route to host")) };
    expect((await status({ metrics })).blind).toBe("no route to host");
  });

  test("a journal that does not answer leaves alerts out, and the page stays", async () => {
    const { deps } = await bench(world());
    const book = { ...deps.book, open: () => Promise.reject(new Error("storage is away")) };
    expect((await status({ book })).alerts).toEqual([]);
  });
});
