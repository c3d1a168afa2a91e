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
const SERVICES = ["go-app/go-app", "go-app/repeater"];

/** How long the slowest answers took in the minutes after a pod of go-app was replaced. */
async function waitsAfter(story: StoryName) {
  const clock = new ManualClock(ORIGIN_MS);
  const { app, ...sandbox } = createParts({ clock, seed: 5, story, historyMs: 30 * MINUTE_MS });
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const one = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(one));
  });
  try {
    const address = server.address();
    if (address === null || typeof address === "string") throw new TypeError("the sandbox listens on no port");
    await killPod({ app, ...sandbox }, "go-app", "go-app");
    clock.advance(4 * MINUTE_MS);
    const nowMs = Math.floor(clock.nowMs());
    const url = `http://127.0.0.1:${address.port}${PROMETHEUS_PATH}`;
    const window = { fromMs: nowMs - 3 * MINUTE_MS, toMs: nowMs };
    const waits = await prometheusSource(sourceOptions(url, nowMs)).waits!(
      SERVICES,
      window,
      new AbortController().signal,
    );
    return waits.map(({ atLeastMs }) => atLeastMs);
  } finally {
    server.close();
  }
}

test("a caller without a time-out takes as long as what it calls", async () => {
  expect(await waitsAfter("no-timeout")).toEqual([2_500, 2_500]);
});

test("a caller that gives up, and one of a service that is fast, takes as long as ever", async () => {
  for (const story of ["timeout", "retries-idle"] as const)
    for (const atLeastMs of await waitsAfter(story)) expect(atLeastMs).toBeLessThan(250);
});
