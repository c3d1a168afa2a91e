import { serve } from "@hono/node-server";
import { expect, test } from "vitest";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import type { StoryName } from "../../../src/sandbox/catalog/stories.ts";
import { ManualClock } from "../../../src/sandbox/clock.ts";
import { createParts, PROMETHEUS_PATH } from "../../../src/sandbox/parts.ts";
import { killPod } from "../../unit/sandbox/story.ts";
import { sourceOptions } from "../prometheus/mesh.ts";

const ORIGIN_MS = Date.parse("2026-03-09T10:00:07.123Z");

/** Requests to go-app that broke off in the minute in which a pod of it ended, and in the next. */
async function brokenOff(story: StoryName): Promise<{ readonly ending: number; readonly later: number }> {
  const clock = new ManualClock(ORIGIN_MS);
  const { app, ...sandbox } = createParts({ clock, seed: 5, story, historyMs: 30 * MINUTE_MS });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const one = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(one));
  });
  try {
    const address = server.address();
    if (address === null || typeof address === "string") throw new TypeError("the sandbox listens on no port");
    const killedMs = Math.floor(clock.nowMs());
    await killPod({ app, ...sandbox }, "go-app", "go-app");
    clock.advance(4 * MINUTE_MS);
    const url = `http://127.0.0.1:${address.port}${PROMETHEUS_PATH}`;
    const { resets } = prometheusSource(sourceOptions(url, Math.floor(clock.nowMs())));
    const count = async (fromMs: number): Promise<number> => {
      const window = { fromMs, toMs: fromMs + MINUTE_MS };
      const counted = await resets!.count(["go-app/go-app"], window, new AbortController().signal);
      return counted.find(({ reporter }) => reporter === "source")?.count ?? 0;
    };
    return { ending: await count(killedMs), later: await count(killedMs + 2 * MINUTE_MS) };
  } finally {
    server.close();
  }
}

test("requests under way break off with a process that ends at once, and never after", async () => {
  const { ending, later } = await brokenOff("resets-at-end");
  expect(ending).toBeGreaterThan(20);
  expect(later).toBe(0);
});

test("nothing breaks off behind a preStop, nor with a process that finishes what it has begun", async () => {
  for (const story of ["pre-stop", "head-room"] as const)
    expect(await brokenOff(story)).toEqual({ ending: 0, later: 0 });
});
