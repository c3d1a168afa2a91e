import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Observation, Reporter, ServiceCounts } from "../../src/core/model/series.ts";
import { stepStartMs } from "../../src/core/model/series.ts";
import { missingSpans, readingsOf } from "../../src/core/observe/history.ts";
import { decodeObservation, encodeObservation } from "../../src/core/observe/history-codec.ts";
import { historyShelf } from "../../src/core/observe/shelf.ts";

const STEP_MS = 60_000;
const START_MS = Date.parse("2026-03-06T00:00:00Z");

const counts = (steps: number) =>
  fc.array(fc.nat(16_000_000), { minLength: steps, maxLength: steps }).map((values) => Float64Array.from(values));

const serviceCounts = (service: string, steps: number, bounds: readonly number[]): fc.Arbitrary<ServiceCounts> =>
  fc.record({
    service: fc.constant(service),
    reporter: fc.constantFrom<Reporter>("source", "waypoint", "destination"),
    requests: counts(steps),
    failures: counts(steps),
    latency: fc.option(
      fc.record({
        boundsMs: fc.constant(bounds),
        successes: counts(steps),
        slow: fc.tuple(...bounds.map(() => counts(steps))).map((slow) => [...slow]),
      }),
    ),
    connections: fc.option(fc.record({ opened: counts(steps), closed: counts(steps), failed: counts(steps) })),
    valid: fc
      .array(fc.integer({ min: 0, max: 1 }), { minLength: steps, maxLength: steps })
      .map((bits) => Uint8Array.from(bits)),
    flags: fc.dictionary(fc.constantFrom("UF", "UH", "URX"), fc.nat(100)),
  });

const observation = (fromStep = 0): fc.Arbitrary<Observation> =>
  fc.nat(20).chain((steps) =>
    fc.uniqueArray(fc.oneof(fc.constantFrom("shop/cart", "shop/db"), fc.string()), { maxLength: 4 }).chain((names) =>
      fc.tuple(...names.sort().map((name) => serviceCounts(name, steps, [50, 250]))).map(
        (services): Observation => ({
          grid: { startMs: START_MS + fromStep * STEP_MS, stepMs: STEP_MS, steps },
          services,
          sourceRequests: 5,
          notes: ["a note"],
        }),
      ),
    ),
  );

describe("counts as bytes", () => {
  test("come back as they were", () =>
    fc.assert(
      fc.property(observation(), (one) => {
        expect(plain(decodeObservation(encodeObservation(one)))).toEqual(plain(one));
      }),
    ));

  test("can be read service by service", () =>
    fc.assert(
      fc.property(observation(), (one) => {
        const bytes = encodeObservation(one);
        for (const service of one.services) {
          expect(decodeObservation(bytes, (name) => name === service.service).services.map(plain)).toEqual([
            plain(service),
          ]);
        }
      }),
    ));

  test("are refused when a byte is changed, cut off or added", () =>
    fc.assert(
      fc.property(observation(), fc.nat(), fc.integer({ min: 1, max: 255 }), (one, where, by) => {
        const bytes = encodeObservation(one);
        const at = where % bytes.length;
        const changed = bytes.map((byte, i) => (i === at ? byte ^ by : byte));
        expect(() => decodeObservation(changed)).toThrow(/cannot be used/);
        expect(() => decodeObservation(bytes.subarray(0, at))).toThrow(/cannot be used/);
        expect(() => decodeObservation(Uint8Array.from([...bytes, by, 0, 0, 0]))).toThrow(/cannot be used/);
      }),
    ));

  test("of anything else are refused", () =>
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => decodeObservation(bytes)).toThrow(/cannot be used/);
      }),
    ));

  test("of another version say so", () => {
    const bytes = encodeObservation({
      grid: { startMs: 0, stepMs: 1, steps: 0 },
      services: [],
      sourceRequests: 0,
      notes: [],
    });
    bytes[4] = 2;
    expect(() => decodeObservation(bytes)).toThrow("it has version 2, not 1");
  });

  test("take 204 kB for five series of one service and week", () => {
    const steps = 7 * 24 * 60;
    const array = (): Float64Array => new Float64Array(steps);
    const week: Observation = {
      grid: { startMs: START_MS, stepMs: STEP_MS, steps },
      services: [
        {
          service: "shop/cart",
          reporter: "source",
          requests: array(),
          failures: array(),
          latency: { boundsMs: [50, 250], successes: array(), slow: [array(), array()] },
          connections: null,
          valid: new Uint8Array(steps),
          flags: {},
        },
      ],
      sourceRequests: 0,
      notes: [],
    };
    expect(encodeObservation(week).length).toBeLessThan(204_000);
  });
});

describe("history that grows", () => {
  test("keeps every valid step, the newer one where both have it", () =>
    fc.assert(
      fc.property(observation(), fc.integer({ min: -10, max: 30 }).chain(observation), (older, newer) => {
        const joined = joinedOf(older, newer);
        for (const one of joined.services) {
          const find = (from: Observation) => from.services.find(({ service }) => service === one.service);
          const [before, after] = [find(older), find(newer)];
          const at = (from: Observation, i: number): number =>
            Math.round((stepStartMs(joined.grid, i) - from.grid.startMs) / STEP_MS);
          one.requests.forEach((requests, i) => {
            const [j, k] = [at(older, i), at(newer, i)];
            const isNewer = after?.valid[k] === 1;
            const isOlder = before?.valid[j] === 1 && (after === undefined || after.reporter === before.reporter);
            expect(one.valid[i]).toBe(isNewer || isOlder ? 1 : 0);
            if (isNewer) expect(requests).toBe(after.requests[k]);
            else if (isOlder) expect(requests).toBe(before.requests[j]);
          });
        }
        const sameReader = ({ service, reporter }: ServiceCounts) =>
          !newer.services.some((one) => one.service === service && one.reporter !== reporter);
        const known = [...older.services.filter(sameReader), ...newer.services].filter(({ valid }) =>
          valid.includes(1),
        );
        expect(joined.services.map(({ service }) => service)).toEqual(
          [...new Set(known.map(({ service }) => service))].sort(),
        );
      }),
    ));

  test("misses what no service has, and nothing once that was appended", () =>
    fc.assert(
      fc.property(
        observation(),
        fc.integer({ min: -20, max: 20 }),
        fc.integer({ min: 1, max: 40 }),
        (read, from, length) => {
          const history = { ...read, services: read.services.map((one) => ({ ...one, reporter: "source" as const })) };
          const fromMs = START_MS + from * STEP_MS;
          const wanted = { fromMs, toMs: fromMs + length * STEP_MS };
          const known = (atMs: number): boolean =>
            history.services.some(({ valid }) => valid[Math.round((atMs - history.grid.startMs) / STEP_MS)] === 1);
          const spans = missingSpans(history, wanted, STEP_MS);
          for (let atMs = wanted.fromMs; atMs < wanted.toMs; atMs += STEP_MS) {
            const missing = spans.some((span) => atMs >= span.fromMs && atMs < span.toMs);
            expect(missing).toBe(!(history.grid.steps > 0 && known(atMs)));
          }
          const fetched = joinedOf(history, ...spans.map((span) => full(span)));
          expect(missingSpans(fetched, wanted, STEP_MS)).toEqual([]);
        },
      ),
    ));

  test("is all missing when there is none, or when its step is another", () => {
    const wanted = { fromMs: START_MS, toMs: START_MS + STEP_MS };
    expect(missingSpans(null, wanted, STEP_MS)).toEqual([wanted]);
    expect(missingSpans(full({ fromMs: START_MS, toMs: START_MS + STEP_MS }), wanted, 10_000)).toEqual([wanted]);
    expect(missingSpans(null, { fromMs: START_MS, toMs: START_MS }, STEP_MS)).toEqual([]);
  });

  test("counts no old latency under new bounds, and nothing of another reporter", () => {
    const older = full({ fromMs: START_MS, toMs: START_MS + 2 * STEP_MS }, [50]);
    const newer = full({ fromMs: START_MS + 2 * STEP_MS, toMs: START_MS + 3 * STEP_MS }, [100]);
    const joined = joinedOf(older, newer).services[0];
    expect([...(joined?.latency?.successes ?? [])]).toEqual([0, 0, 9]);
    expect([...(joined?.requests ?? [])]).toEqual([10, 10, 10]);
    const other = { ...newer, services: newer.services.map((one) => ({ ...one, reporter: "destination" as const })) };
    expect([...(joinedOf(older, other).services[0]?.valid ?? [])]).toEqual([0, 0, 1]);
  });

  test("is not joined with what has another phase", () => {
    const older = full({ fromMs: START_MS, toMs: START_MS + STEP_MS });
    const newer = full({ fromMs: START_MS + 1, toMs: START_MS + 1 + STEP_MS });
    expect(joinedOf(older, newer).grid).toEqual(newer.grid);
  });

  test("forgets whole steps before a time, and services that have none left", () =>
    fc.assert(
      fc.property(observation(), fc.integer({ min: -90_000, max: 25 * STEP_MS }), (history, after) => {
        const shelf = historyShelf();
        shelf.append(history);
        shelf.trim(START_MS + after);
        const cut = shelf.view();
        const gone = history.grid.steps - (cut?.grid.steps ?? 0);
        if (cut === null) {
          if (gone > 0) expect(START_MS + after).toBeGreaterThan(stepStartMs(history.grid, gone - 1));
          return;
        }
        expect(cut.grid.startMs).toBe(stepStartMs(history.grid, gone));
        expect(cut.grid.startMs).toBeGreaterThanOrEqual(START_MS + Math.max(0, after));
        for (const one of cut.services) {
          const whole = history.services.find(({ service }) => service === one.service);
          expect(Array.from(one.requests)).toEqual(Array.from(whole?.requests.slice(gone) ?? []));
          expect(Array.from(one.latency?.slow[0] ?? [])).toEqual(
            Array.from(whole?.latency?.slow[0]?.slice(gone) ?? []),
          );
          const [failed, was] = [one.connections?.failed, whole?.connections?.failed.slice(gone)];
          expect(Array.from(failed ?? [])).toEqual(Array.from(was ?? []));
        }
      }),
    ));

  test("stays where it was handed out while minutes are added and forgotten", () => {
    const minute = (i: number) => full({ fromMs: START_MS + i * STEP_MS, toMs: START_MS + (i + 1) * STEP_MS });
    const shelf = historyShelf(10);
    for (let i = 0; i < 5; i++) shelf.append(minute(i));
    const handedOut = shelf.view()!;
    const copy = structuredClone(handedOut.services[0]?.requests.slice());
    for (let i = 5; i < 200; i++) {
      shelf.append(minute(i));
      shelf.trim(START_MS + (i - 9) * STEP_MS);
    }
    expect(handedOut.services[0]?.requests).toEqual(copy);
    expect(shelf.view()?.grid).toEqual({ startMs: START_MS + 190 * STEP_MS, stepMs: STEP_MS, steps: 10 });
    expect(Array.from(shelf.view()?.services[0]?.requests ?? [])).toEqual(new Array(10).fill(10));
    expect(shelf.view()?.services[0]?.requests.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  test("tells how each service was read", () => {
    const history = full({ fromMs: START_MS, toMs: START_MS + STEP_MS }, [50]);
    expect(readingsOf(history)).toEqual(new Map([["shop/cart", { reporter: "source", boundsMs: [50] }]]));
  });
});

/** Numbers as they are, whatever holds them. */
function plain(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** Everything appended in order; services as they are told last. */
function joinedOf(...parts: readonly Observation[]): Observation {
  const shelf = historyShelf();
  for (const part of parts) shelf.append(part);
  return shelf.view() ?? { ...parts.at(-1)!, services: [] };
}

/** One service with ten requests in every step of `span`. */
function full(span: { readonly fromMs: number; readonly toMs: number }, boundsMs = [50, 250]): Observation {
  const steps = Math.round((span.toMs - span.fromMs) / STEP_MS);
  const filled = (value: number): Float64Array => new Float64Array(steps).fill(value);
  const service: ServiceCounts = {
    service: "shop/cart",
    reporter: "source",
    requests: filled(10),
    failures: filled(1),
    latency: { boundsMs, successes: filled(9), slow: boundsMs.map(() => filled(2)) },
    connections: null,
    valid: new Uint8Array(steps).fill(1),
    flags: {},
  };
  return {
    grid: { startMs: span.fromMs, stepMs: STEP_MS, steps },
    services: [service],
    sourceRequests: 1,
    notes: [],
  };
}
