import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ManualClock } from "../../../src/sandbox/clock.ts";
import { createParts, type SandboxParts } from "../../../src/sandbox/parts.ts";
import { labelsKey } from "../../../src/sandbox/promql/labels.ts";
import { parseQuery } from "../../../src/sandbox/promql/parse.ts";
import type { SampleSeries } from "../../../src/sandbox/promql/storage.ts";
import { killPod, restartDeployment } from "./story.ts";

const ORIGIN_MS = Date.parse("2026-03-09T10:00:07.123Z");
const MINUTE_MS = 60_000;
const HISTORY_MS = 15 * MINUTE_MS;

async function playedStory(seed: number): Promise<{ sandbox: SandboxParts; clock: ManualClock }> {
  const clock = new ManualClock(ORIGIN_MS);
  const sandbox = createParts({ clock, seed, story: "stale", historyMs: HISTORY_MS });
  await killPod(sandbox, "go-app", "go-app-db");
  clock.advance(3 * MINUTE_MS);
  await restartDeployment(sandbox, "go-app", "go-app");
  await killPod(sandbox, "shop", "catalog", 0);
  clock.advance(4 * MINUTE_MS);
  sandbox.advance();
  return { sandbox, clock };
}

function samples({ telemetry }: SandboxParts, selector: string, fromMs: number, toMs: number): SampleSeries[] {
  const expr = parseQuery(selector);
  if (expr.kind !== "vector") throw new TypeError(`${selector} is not a selector`);
  return [...telemetry.select(expr.matchers, fromMs, toMs)];
}

const GO_APP = '{__name__=~"istio_.*",namespace=~"go-app|shop"}';

describe("the counters of a played story", async () => {
  const { sandbox, clock } = await playedStory(3);
  const startMs = ORIGIN_MS - HISTORY_MS;
  const all = samples(sandbox, GO_APP, startMs, clock.nowMs());
  const byKey = new Map(all.map((series) => [labelsKey(series.labels), series]));

  test("never go backwards and are whole numbers", () => {
    expect(all.length).toBeGreaterThan(1_000);
    for (const { timesMs, values, stale } of all) {
      for (let i = 1; i < timesMs.length; i++) {
        expect(timesMs[i]!).toBeGreaterThan(timesMs[i - 1]!);
        if (stale?.[i] === 1) continue;
        expect(values[i]!).toBeGreaterThanOrEqual(values[i - 1]!);
        expect(Number.isInteger(values[i]!)).toBe(true);
      }
    }
  });

  test("nest: no bucket holds more than the next, the last is the count, and that is the number of requests", () => {
    const bounds = ["1", "5", "10", "25", "50", "100", "250", "500", "1000", "2500", "5000", "10000", "+Inf"];
    let compared = 0;
    for (const requests of all.filter(({ labels }) => labels.__name__ === "istio_requests_total")) {
      const metric = (suffix: string, le?: string): SampleSeries => {
        const name = `istio_request_duration_milliseconds_${suffix}`;
        const labels = { ...requests.labels, __name__: name, ...(le === undefined ? {} : { le }) };
        return byKey.get(labelsKey(labels))!;
      };
      expect(metric("count").values).toEqual(requests.values);
      expect(metric("bucket", "+Inf").values).toEqual(requests.values);
      bounds.reduce(
        (below, le) => {
          const within = metric("bucket", le);
          within.values.forEach((value, i) => {
            if (within.stale?.[i] !== 1) expect(value).toBeGreaterThanOrEqual(below.values[i]!);
          });
          compared++;
          return within;
        },
        metric("bucket", "0.5"),
      );
    }
    expect(compared).toBeGreaterThan(500);
  });

  test("have one value at one time, whatever is asked before and for whichever window", () => {
    const span = clock.nowMs() - startMs;
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (a, b) => {
        const [from, to] = [a, b].map((share) => Math.round(startMs + share * span)).sort((x, y) => x - y) as [
          number,
          number,
        ];
        for (const part of samples(sandbox, 'istio_requests_total{namespace="go-app"}', from, to)) {
          const whole = byKey.get(labelsKey(part.labels))!;
          part.timesMs.forEach((atMs, i) => {
            const at = whole.timesMs.indexOf(atMs);
            expect(at).toBeGreaterThanOrEqual(0);
            expect(part.values[i]).toEqual(whole.values[at]);
          });
        }
      }),
      { numRuns: 25 },
    );
  });

  test("are scraped off the grid of full minutes, each proxy at its own time", () => {
    const offsets = new Set(all.map(({ timesMs }) => timesMs[0]! % 15_000));
    expect(offsets.has(0)).toBe(false);
    expect(offsets.size).toBeGreaterThan(15);
  });

  test("say the same at both ends of a call while nothing dies", () => {
    const [from, to] = [startMs, ORIGIN_MS];
    const sum = (reporter: string): number =>
      samples(
        sandbox,
        `istio_requests_total{reporter="${reporter}",destination_service_name="go-app",response_code="200"}`,
        from,
        to,
      )
        .map(({ values }) => values.at(-1)! - values[0]!)
        .reduce((a, b) => a + b, 0);
    expect(Math.abs(sum("source") / sum("destination") - 1)).toBeLessThan(0.03);
  });
});

describe("a seed", () => {
  const fingerprint = async (seed: number): Promise<string> => {
    const { sandbox, clock } = await playedStory(seed);
    const series = samples(sandbox, '{__name__=~"istio_requests_total|up"}', ORIGIN_MS - HISTORY_MS, clock.nowMs());
    return JSON.stringify(series.map(({ labels, values }) => [labelsKey(labels), values.at(-1)]));
  };

  test("gives the same cluster and the same counts again", async () => {
    expect(await fingerprint(11)).toBe(await fingerprint(11));
  });

  test("that is another gives others", async () => {
    expect(await fingerprint(11)).not.toBe(await fingerprint(12));
  });
});

test("what happened does not depend on how often somebody looked", async () => {
  const play = async (look: boolean): Promise<string> => {
    const clock = new ManualClock(ORIGIN_MS);
    const sandbox = createParts({ clock, seed: 4, story: "stale", historyMs: HISTORY_MS });
    await killPod(sandbox, "go-app", "go-app-db");
    for (let i = 0; i < 30; i++) {
      clock.advance(4_321);
      if (look) await sandbox.app.request("/prometheus/api/v1/query?query=sum(istio_requests_total)");
    }
    sandbox.advance();
    const series = samples(sandbox, 'istio_requests_total{namespace="go-app"}', ORIGIN_MS, clock.nowMs());
    return JSON.stringify(series.map(({ labels, values }) => [labelsKey(labels), [...values]]));
  };
  expect(await play(true)).toBe(await play(false));
});

test("what is too old is forgotten, and no counter changes because of it", async () => {
  const clock = new ManualClock(ORIGIN_MS);
  const sandbox = createParts({ clock, seed: 6, story: "stale", historyMs: HISTORY_MS });
  const killed = await killPod(sandbox, "go-app", "go-app-db");
  clock.advance(10 * MINUTE_MS);
  await restartDeployment(sandbox, "go-app", "go-app");
  clock.advance(2 * 24 * 60 * MINUTE_MS - 15 * MINUTE_MS);
  sandbox.advance();
  const [from, to] = [clock.nowMs() - 20 * MINUTE_MS, clock.nowMs()];
  const read = (): string => {
    const series = samples(sandbox, 'istio_requests_total{namespace=~"go-app|shop"}', from, to);
    return JSON.stringify(series.map(({ labels, values }) => [labelsKey(labels), [...values]]));
  };
  const before = read();
  clock.advance(24 * 60 * MINUTE_MS);
  sandbox.advance();
  expect(read()).toBe(before);
  expect(samples(sandbox, `up{pod="${killed.metadata.name}"}`, ORIGIN_MS, to)).toEqual([]);
});
