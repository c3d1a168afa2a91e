import { describe, expect, test } from "vitest";
import type { StoryName } from "../../../src/sandbox/catalog/stories.ts";
import { ManualClock } from "../../../src/sandbox/clock.ts";
import { createParts, type SandboxParts } from "../../../src/sandbox/parts.ts";
import { ask, isReady, killPod, podsOf, restartDeployment, successShare } from "./story.ts";

const ORIGIN_MS = Date.parse("2026-03-09T10:00:07.123Z");
const MINUTE_MS = 60_000;
const HISTORY_MS = 30 * MINUTE_MS;

function begin(story: StoryName): { sandbox: SandboxParts; clock: ManualClock } {
  const clock = new ManualClock(ORIGIN_MS);
  return { sandbox: createParts({ clock, seed: 5, story, historyMs: HISTORY_MS }), clock };
}

describe("after the database was replaced", () => {
  test.each<{ story: StoryName; what: string; goApp: [number, number]; repeater: [number, number]; restarts: number }>([
    {
      story: "stale",
      what: "every second request fails for ever",
      goApp: [0.47, 0.53],
      repeater: [0.47, 0.53],
      restarts: 0,
    },
    { story: "reconnect", what: "all is well again", goApp: [0.999, 1], repeater: [0.999, 1], restarts: 0 },
    {
      story: "probe-through-db",
      what: "restarts have made it well",
      goApp: [0.999, 1],
      repeater: [0.999, 1],
      restarts: 1,
    },
    {
      story: "retries",
      what: "trying again helps nobody, for every pod has lost it",
      goApp: [0.47, 0.53],
      repeater: [0.47, 0.53],
      restarts: 0,
    },
    {
      story: "crash",
      what: "it had crashed until the database was back, and is well again",
      goApp: [0.999, 1],
      repeater: [0.999, 1],
      restarts: 2,
    },
    {
      story: "exit-and-wait",
      what: "one restart has made it well",
      goApp: [0.999, 1],
      repeater: [0.999, 1],
      restarts: 1,
    },
    { story: "no-effect", what: "nobody missed it", goApp: [0.999, 1], repeater: [0.999, 1], restarts: 0 },
  ])("with $story $what, and every pod is ready", async ({ story, goApp, repeater, restarts }) => {
    const { sandbox, clock } = begin(story);
    const killed = await killPod(sandbox, "go-app", "go-app-db");
    clock.advance(8 * MINUTE_MS);
    for (const [service, [low, high]] of [
      ["go-app/go-app", goApp],
      ["go-app/repeater", repeater],
    ] as const) {
      const share = await successShare(sandbox, service, 5);
      expect(share).toBeGreaterThanOrEqual(low);
      expect(share).toBeLessThanOrEqual(high);
    }
    for (const workload of ["go-app", "go-app-db", "repeater"]) {
      expect((await podsOf(sandbox, "go-app", workload)).every(isReady)).toBe(true);
    }
    expect((await podsOf(sandbox, "go-app", "go-app-db"))[0]!.metadata.uid).not.toBe(killed.metadata.uid);
    const counts = (await podsOf(sandbox, "go-app", "go-app")).map(
      ({ status }) => status.containerStatuses![0]!.restartCount,
    );
    expect(counts).toEqual([restarts, restarts]);
  });

  test("a restart of go-app cures it", async () => {
    const { sandbox, clock } = begin("stale");
    await killPod(sandbox, "go-app", "go-app-db");
    clock.advance(5 * MINUTE_MS);
    await restartDeployment(sandbox, "go-app", "go-app");
    clock.advance(4 * MINUTE_MS);
    expect(await successShare(sandbox, "go-app/go-app", 2)).toBeGreaterThan(0.999);
    expect(await successShare(sandbox, "go-app/repeater", 2)).toBeGreaterThan(0.999);
    expect((await podsOf(sandbox, "go-app", "go-app")).filter(isReady)).toHaveLength(2);
  });

  test("restarting one of two pods halves the failures", async () => {
    const { sandbox, clock } = begin("stale");
    await killPod(sandbox, "go-app", "go-app-db");
    clock.advance(MINUTE_MS);
    await killPod(sandbox, "go-app", "go-app");
    clock.advance(8 * MINUTE_MS);
    const share = await successShare(sandbox, "go-app/go-app", 5);
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
  });

  test("go-app's connections to the old database are closed and none is opened", async () => {
    const { sandbox, clock } = begin("stale");
    await killPod(sandbox, "go-app", "go-app-db");
    clock.advance(2 * MINUTE_MS);
    const connections = 'destination_service_name="go-app-db",reporter="source"';
    const values = async (metric: string) =>
      (await ask(sandbox, `${metric}{${connections}}`)).map(({ value }) => value);
    expect(await values("istio_tcp_connections_closed_total")).toEqual([1, 1]);
    expect(await values("istio_tcp_connections_opened_total")).toEqual([1, 1]);
  });
});

test("probes through the database take every endpoint away for a while: UH, with an unknown destination", async () => {
  const { sandbox, clock } = begin("probe-through-db");
  await killPod(sandbox, "go-app", "go-app-db");
  clock.advance(3 * MINUTE_MS);
  const rows = await ask(sandbox, 'istio_requests_total{destination_service_name="go-app",response_flags="UH"}');
  expect(rows.length).toBeGreaterThan(0);
  for (const { metric, value } of rows) {
    expect(metric).toMatchObject({
      reporter: "source",
      response_code: "503",
      destination_workload: "unknown",
      destination_workload_namespace: "unknown",
    });
    expect(value).toBeGreaterThan(20);
  }
});

test.each(["go-app", "repeater"])("the death of one pod of %s costs at most a few requests", async (workload) => {
  const { sandbox, clock } = begin("stale");
  await killPod(sandbox, "go-app", workload);
  clock.advance(5 * MINUTE_MS);
  expect(await successShare(sandbox, "go-app/repeater", 5)).toBeGreaterThan(1 - 5 / (5 * 60 * 20));
  expect((await podsOf(sandbox, "go-app", workload)).filter(isReady)).toHaveLength(2);
});

test("without its only pod a service has no endpoint: UH at its callers, until the replacement is ready", async () => {
  const { sandbox, clock } = begin("stale");
  await killPod(sandbox, "shop", "reviews", 0);
  clock.advance(2 * MINUTE_MS);
  const query = 'istio_requests_total{destination_service_name="reviews",response_flags="UH"}';
  const [atFirst] = await ask(sandbox, query);
  expect(atFirst!.value).toBeGreaterThan(3);
  expect((await podsOf(sandbox, "shop", "reviews")).filter(isReady)).toHaveLength(1);
  clock.advance(2 * MINUTE_MS);
  expect((await ask(sandbox, query))[0]!.value).toBe(atFirst!.value);
});

test("an unrelated service fails by itself, and nothing of go-app does", async () => {
  const { sandbox, clock } = begin("unrelated");
  clock.advance(14 * MINUTE_MS);
  expect(await successShare(sandbox, "messaging/templates", 4)).toBeLessThan(0.8);
  expect(await successShare(sandbox, "go-app/go-app", 10)).toBeGreaterThan(0.998);
  clock.advance(6 * MINUTE_MS);
  expect(await successShare(sandbox, "messaging/templates", 4)).toBeGreaterThan(0.99);
});

test("there are at least thirty services that have nothing to do with go-app, and all are called", async () => {
  const { sandbox } = begin("stale");
  const rows = await ask(
    sandbox,
    'count by (destination_service_namespace, destination_service_name) ({__name__=~"istio_requests_total|istio_tcp_connections_opened_total"})',
  );
  const others = rows.filter(({ metric }) => metric.destination_service_namespace !== "go-app");
  expect(others.length).toBeGreaterThanOrEqual(30);
});
