import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { judgeSet, type Line } from "../../../bench/detect/jobs.ts";
import { readSets } from "../../../bench/detect/read-set.ts";
import { scoreOf } from "../../../bench/detect/score.ts";
import { randomOf } from "../judge/scenario.ts";

const T0 = 1_760_000_000;
const home = mkdtempSync(join(tmpdir(), "aftershock-detect-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

interface Sample {
  readonly service: string;
  readonly signal: string;
  readonly value: (step: number, fault: boolean, random: () => number) => number | null;
}

const noisy = (level: number, random: () => number): number => level * (0.9 + 0.2 * random());
const requests: Sample = { service: "cart", signal: "requests", value: (_s, _f, r) => Math.round(noisy(600, r)) };
const success: Sample = {
  service: "cart",
  signal: "success_rate",
  value: (step, fault, r) => (fault && step >= 0 ? 0.7 : 1 - 0.002 * r()),
};
const latency = (signal: string): Sample => ({
  service: "cart",
  signal,
  value: (step, fault, r) => noisy(fault && step >= 0 ? 400 : 40, r),
});
const cpu: Sample = { service: "cart", signal: "cpu", value: (_s, _f, r) => r() };

interface Shape {
  readonly intervalS: number;
  readonly before: number;
  readonly after: number;
  readonly samples: readonly Sample[];
}

function caseOf(id: string, fault: boolean, { intervalS, before, after, samples }: Shape) {
  const random = randomOf([...id].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7));
  const steps = Array.from({ length: before + after }, (_, i) => i - before);
  const t0 = T0 + 7;
  return {
    id,
    interval_s: intervalS,
    t0: fault ? t0 : null,
    fault: fault ? { kind: "made up", service: "cart" } : null,
    series: samples.map((s) => ({
      service: s.service,
      signal: s.signal,
      t: steps.map((i) => T0 + (i + 1) * intervalS),
      v: steps.map((i) => s.value(i, fault, random)),
    })),
    meta: fault ? {} : { pseudo_t0: t0 },
  };
}

let sets = 0;
/** A folder as a data set is stored; what is a string goes into the file as it stands. */
function setOf(cases: Readonly<Record<string, unknown>>, index?: unknown): string {
  const folder = join(home, `set-${sets++}`);
  const put = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
  mkdirSync(folder);
  for (const [id, one] of Object.entries(cases)) {
    put(`${id}.json.gz`, gzipSync(typeof one === "string" ? one : JSON.stringify(one)));
  }
  put("index.json", JSON.stringify(index ?? Object.keys(cases).map((id) => ({ id }))));
  return folder;
}

function judged(folder: string): { lines: ReadonlyMap<string, Line>; score: ReturnType<typeof scoreOf> } {
  const result = judgeSet(readSets(folder)[0]!, {}, () => 0);
  const lines = result.withRecord ?? result.own;
  return { lines: new Map(lines.map((line) => [line.case, line])), score: scoreOf(result.jobs, lines) };
}

describe("a set of another shape", () => {
  test.each<Shape & { readonly name: string; readonly found: boolean }>([
    { name: "five-second steps", intervalS: 5, before: 120, after: 24, samples: [requests, success, cpu], found: true },
    {
      name: "15-second latencies without counts",
      intervalS: 15,
      before: 40,
      after: 10,
      samples: [latency("latency_p95")],
      found: true,
    },
    { name: "five-minute ratios alone", intervalS: 300, before: 12, after: 4, samples: [success], found: true },
    {
      name: "a mean latency with counts",
      intervalS: 30,
      before: 30,
      after: 8,
      samples: [requests, latency("latency_avg")],
      found: true,
    },
    {
      name: "what a client saw",
      intervalS: 60,
      before: 30,
      after: 6,
      samples: [requests, latency("client_latency_p50")],
      found: true,
    },
    { name: "machine metrics alone", intervalS: 60, before: 30, after: 6, samples: [cpu], found: false },
    { name: "two steps before", intervalS: 60, before: 2, after: 6, samples: [requests, success], found: false },
    { name: "one step after", intervalS: 60, before: 30, after: 1, samples: [requests, success], found: false },
  ])("$name is judged, or it is said why not", ({ found, ...shape }) => {
    const { lines, score } = judged(
      setOf({ "a-fault": caseOf("a-fault", true, shape), quiet: caseOf("quiet", false, shape) }),
    );
    const line = lines.get("a-fault")!;
    expect(line.flagged).toBe(found);
    if (found) expect(line.cause).toBe("cart");
    else expect(line.why ?? Object.keys(line.not_judged).join()).not.toBe("");
    expect(lines.get("quiet")!.flagged).toBe(false);
    expect(score.recall).toMatchObject({ k: found ? 1 : 0, n: 1 });
  });

  test("records of two intervals in one set are never mixed", () => {
    const shape = { before: 30, after: 6, samples: [requests, success] };
    const { lines } = judged(
      setOf({
        one: caseOf("one", true, { ...shape, intervalS: 60 }),
        "day-control-1": caseOf("day-control-1", false, { ...shape, intervalS: 60 }),
        "day-control-2": caseOf("day-control-2", false, { ...shape, intervalS: 10 }),
      }),
    );
    expect([...lines.values()].map((l) => l.flagged)).toEqual([false, false, true]);
  });
});

describe("a set that is broken", () => {
  const good = caseOf("good", true, { intervalS: 60, before: 30, after: 6, samples: [requests, success] });
  const broken: Readonly<Record<string, { readonly content: unknown; readonly says: RegExp }>> = {
    "no-object": { content: "[]", says: /no object/ },
    "no-json": { content: "{", says: /JSON/ },
    "no-series": { content: { ...good, series: [] }, says: /not one series/ },
    "no-samples": {
      content: { ...good, series: [{ service: "a", signal: "requests", t: [], v: [] }] },
      says: /not one series/,
    },
    "odd-series": { content: { ...good, series: [null, 3, { service: 1 }, "x"] }, says: /not one series/ },
    "no-moment": { content: { ...good, t0: null, meta: null }, says: /t0/ },
    milliseconds: {
      content: { ...good, series: good.series.map((s) => ({ ...s, t: s.t.map((t) => t * 1_000) })) },
      says: /unix seconds/,
    },
  };

  test("names each case that cannot be read, counts its fault as missed, and judges the others", () => {
    const cases = { good, ...Object.fromEntries(Object.entries(broken).map(([id, b]) => [id, b.content])) };
    const ids = [...Object.keys(cases), "lost"];
    const index = [null, {}, ...ids.map((id) => ({ id, fault: { kind: "made up", service: "cart" } }))];
    const { lines, score } = judged(setOf(cases, index));
    for (const [id, { says }] of Object.entries(broken)) expect(lines.get(id)?.why).toMatch(says);
    expect(lines.get("lost")?.why).toMatch(/ENOENT/);
    expect(lines.get("good")?.flagged).toBe(true);
    expect(score.recall).toMatchObject({ k: 1, n: ids.length });
  });

  test.each([
    {
      name: "NaN and Infinity in the JSON",
      change: (s: string) => s.replace(/"v":\[[^,]+,/, '"v":[NaN,').replace(/,[^,\]]+\]/, ",-Infinity]"),
    },
    { name: "no interval", change: (s: string) => s.replace('"interval_s":60', '"interval_s":0') },
    { name: "values of another type", change: (s: string) => s.replace(/"v":\[[^,]+,/, '"v":["12",') },
    { name: "no meta", change: (s: string) => s.replace('"meta":{}', '"meta":7') },
  ])("$name is lived with", ({ change }) => {
    const { lines } = judged(setOf({ good: change(JSON.stringify(good)) }));
    expect(lines.get("good")).toMatchObject({ flagged: true, cause: "cart" });
  });

  test("unsorted and repeated samples are read in order, the last of an instant counts", () => {
    const reversed = good.series.map((s) => ({ ...s, t: [s.t[0]!, ...s.t].reverse(), v: [0, ...s.v].reverse() }));
    const shuffled = judged(setOf({ good: { ...good, series: reversed } })).lines.get("good")!;
    const sorted = judged(setOf({ good })).lines.get("good")!;
    expect(shuffled.flagged).toBe(true);
    expect(Math.abs(shuffled.score - sorted.score)).toBeLessThan(1);
  });

  test("an index that is no list is refused", () => {
    expect(() => readSets(setOf({}, { cases: [] }))).toThrow(/must be a list/);
  });
});
