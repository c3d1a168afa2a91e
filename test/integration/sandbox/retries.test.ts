import { serve } from "@hono/node-server";
import { expect, test } from "vitest";
import { prometheusSource } from "../../../src/adapters/prometheus/source.ts";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import type { StoryName } from "../../../src/sandbox/catalog/stories.ts";
import { ManualClock } from "../../../src/sandbox/clock.ts";
import { createParts, PROMETHEUS_PATH, type SandboxParts } from "../../../src/sandbox/parts.ts";
import { killPod } from "../../unit/sandbox/story.ts";
import { sourceOptions } from "../prometheus/mesh.ts";

const ORIGIN_MS = Date.parse("2026-03-09T10:00:07.123Z");
const APP = "go-app/go-app";
const never = new AbortController().signal;

async function served(app: SandboxParts["app"]) {
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const one = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(one));
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the sandbox listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}${PROMETHEUS_PATH}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

/** Requests that repeater asked of go-app, and tries that arrived, over minutes after a fault. */
async function afterTheLoss(story: StoryName, alsoOf?: string) {
  const clock = new ManualClock(ORIGIN_MS);
  const sandbox = createParts({ clock, seed: 5, story, historyMs: 30 * MINUTE_MS });
  await using server = await served(sandbox.app);
  await killPod(sandbox, "go-app", "go-app-db");
  clock.advance(2 * MINUTE_MS);
  if (alsoOf !== undefined) await killPod(sandbox, "go-app", alsoOf);
  clock.advance(8 * MINUTE_MS);
  const nowMs = Math.floor(clock.nowMs());
  const source = prometheusSource(sourceOptions(server.url, nowMs));
  const window = { fromMs: nowMs - 5 * MINUTE_MS, toMs: nowMs };
  const attempts = await source.attempts!([APP], window, never);
  const recent = await source.recent(nowMs, 5 * MINUTE_MS, never);
  return { attempts, recent: recent.find(({ service }) => service === APP)! };
}

test("where proxies try again, the tries that arrive are counted, and failures as the callers see them", async () => {
  const { attempts, recent } = await afterTheLoss("retries", "go-app");
  expect(attempts.map(({ caller, service }) => [caller, service])).toEqual([["go-app/repeater", APP]]);
  const [{ asked, arrived } = { asked: 0, arrived: 0 }] = attempts;
  // Half of the requests need the database, and one of two pods has lost it: of these, half fail at
  // each try. Tries: 1 + 1/2 · (1/2 + 1/4 + 1/8); what fails at all four is left.
  expect(asked).toBeGreaterThan(5_900);
  expect(arrived / asked).toBeGreaterThan(1.41);
  expect(arrived / asked).toBeLessThan(1.46);
  expect(recent.failures / recent.requests).toBeGreaterThan(0.02);
  expect(recent.failures / recent.requests).toBeLessThan(0.045);
});

test("where nobody tries again, as many arrive as were asked", async () => {
  const { attempts, recent } = await afterTheLoss("stale");
  const [{ asked, arrived } = { asked: 0, arrived: 0 }] = attempts;
  expect(arrived / asked).toBeCloseTo(1, 1);
  expect(recent.failures / recent.requests).toBeGreaterThan(0.47);
});
