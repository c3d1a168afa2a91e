import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { judgeSet } from "../../../bench/detect/judge-set.ts";
import type { Line } from "../../../bench/detect/line.ts";
import { readSets } from "../../../bench/detect/read-set.ts";
import { scoreOf } from "../../../bench/detect/score.ts";
import { seededRandom } from "../../support/random.ts";

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
  const random = seededRandom([...id].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7));
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
    expect([...lines].filter(([, l]) => l.flagged).map(([id]) => id)).toEqual(["one"]);
  });
});

describe("a set that is broken", () => {
  const good = caseOf("good", true, { intervalS: 60, before: 30, after: 6, samples: [requests, success] });
  const broken: Readonly<Record<string, { readonly content: unknown; readonly says: RegExp }>> = {
    "no-object": { content: "[]", says: /must hold one object/ },
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

  test.each([
    { name: "that is no list", index: { cases: [] }, says: /index\.json: the index must be a list of cases/ },
    { name: "that names no case", index: [null, { file: "a" }], says: /index\.json: the index names no case/ },
  ])("an index $name is refused, naming the file and what it should be", ({ index, says }) => {
    expect(() => readSets(setOf({}, index))).toThrow(says);
  });

  test("an index that is cut off is refused, naming the file", () => {
    const folder = setOf({ good });
    writeFileSync(join(folder, "index.json"), '[{"id": "good"');
    expect(() => readSets(folder)).toThrow(/index\.json: no valid JSON \(.*\): is the file complete\?/);
  });

  test("a file that is cut off says so, and one that lies elsewhere is found by its index", () => {
    const folder = setOf({ good, half: good }, [{ id: "good", file: "deep/er/x.json.gz" }, { id: "half" }]);
    mkdirSync(join(folder, "deep", "er"), { recursive: true });
    renameSync(join(folder, "good.json.gz"), join(folder, "deep", "er", "x.json.gz"));
    writeFileSync(join(folder, "half.json.gz"), gzipSync(JSON.stringify(good)).subarray(0, 400));
    const { lines } = judged(folder);
    expect(lines.get("good")!.flagged).toBe(true);
    expect(lines.get("half")!.why).toMatch(/cut off or damaged gzip .*fetch it again/);
  });

  test("a set says what of its index and its placebos was left out, and each placebo has a line", () => {
    const folder = setOf({ good }, [{ id: "good" }, { id: "good" }, { file: "x" }]);
    const name = basename(folder);
    const placebo = { id: "p1", set: name, record: "day", t0: T0, like: "good" };
    const like = { ...placebo, id: "p2", like: "nothing" };
    writeFileSync(join(folder, "placebos.json"), JSON.stringify([placebo, like, null, { ...placebo, id: 3 }]));
    const set = readSets(folder)[0]!;
    expect(set.notes.join("\n")).toMatch(/entry 2: left out, good was there before\n.*entry 3: .*\n.*2 left out/);
    const { lines } = judged(folder);
    expect(lines.get("p1")!.why).toBe("no control is called day-control-…");
    expect(lines.get("p2")!.why).toMatch(/like nothing, which the index does not name/);
  });

  test("a moment outside of the samples is said to be that", () => {
    expect(judged(setOf({ late: { ...good, t0: T0 + 10 ** 6 } })).lines.get("late")!.why).toMatch(
      /outside of the samples/,
    );
    expect(judged(setOf({ ms: { ...good, t0: T0 * 1_000 } })).lines.get("ms")!.why).toMatch(/must be unix seconds/);
  });
});

describe("what a case is called, when it was and how its file is ordered", () => {
  const shape = { intervalS: 60, before: 30, after: 6 };
  const samples = [requests, success, latency("latency_p50"), latency("latency_p90"), cpu];
  const quiet = (id: string, piece: number) => moved(caseOf(id, false, { ...shape, samples }), (piece - 9) * 36 * 60);
  const all = {
    "a-fault": caseOf("a-fault", true, { ...shape, samples }),
    ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((i) => [`day-control-${i}`, quiet(`day-control-${i}`, i)])),
  };
  type Case = ReturnType<typeof caseOf>;

  function moved(c: Case, byS: number): Case {
    const meta = "pseudo_t0" in c.meta ? { pseudo_t0: c.meta.pseudo_t0! + byS } : {};
    const series = c.series.map((s) => ({ ...s, t: s.t.map((t) => t + byS) }));
    return { ...c, t0: c.t0 === null ? null : c.t0 + byS, series, meta };
  }
  const renamed = (c: Case): Case => ({
    ...c,
    fault: c.fault && { ...c.fault, service: 'a "b"\nc::d' },
    series: c.series.map((s) => ({ ...s, service: 'a "b"\nc::d' })),
  });
  const turned = (c: Case): Case => ({
    ...c,
    series: c.series.map((s) => ({ ...s, t: s.t.toReversed(), v: s.v.toReversed() })).reverse(),
  });

  /** What is said of each case, by its place in `all`, names undone. */
  function told(change: (c: Case) => Case, id: (old: string) => string) {
    const ids = Object.keys(all);
    const { lines } = judged(setOf(Object.fromEntries(ids.map((old) => [id(old), change(all[old as "a-fault"])]))));
    const undone = (text: string): string => text.replaceAll(JSON.stringify('a "b"\nc::d'), '"cart"');
    return ids.map((old) => JSON.parse(undone(JSON.stringify({ ...lines.get(id(old)), set: "", case: old }))));
  }
  const plain = told(
    (c) => c,
    (id) => id,
  );

  test.each([
    { name: "renamed services", change: renamed, id: (old: string) => old },
    { name: "ids that say nothing", change: (c: Case) => c, id: (old: string) => `x${[...old].reverse().join("")}` },
    { name: "twenty years earlier", change: (c: Case) => moved(c, -20 * 365 * 86_400), id: (old: string) => old },
    { name: "seconds since its own beginning", change: (c: Case) => moved(c, 40_000 - T0), id: (old: string) => old },
    { name: "the other way round", change: turned, id: (old: string) => old },
  ])("$name: nothing is judged otherwise", ({ change, id }) => {
    expect(plain[0]).toMatchObject({ flagged: true, cause: "cart" });
    expect(told(change, id)).toEqual(plain);
  });
});

describe("how often a set was sampled", () => {
  const windowsOf = (folder: string) => judgeSet(readSets(folder)[0]!, {}, () => 0).windows;
  const slow = [requests, latency("latency_p50")];

  test("one-second samples are joined to steps, and ten minutes of them are looked at", () => {
    const few: Sample = { service: "cart", signal: "requests", value: (_s, _f, r) => Math.floor(r() * 4) };
    const late: Sample = {
      service: "cart",
      signal: "latency_p90",
      value: (step, fault, r) => (r() < 0.3 ? null : noisy(fault && step >= 40 ? 90 : 40, r)),
    };
    const folder = setOf({ one: caseOf("one", true, { intervalS: 1, before: 600, after: 900, samples: [few, late] }) });
    expect(windowsOf(folder)).toEqual([{ before: 120, after: 40, sampleS: 1, factor: 15 }]);
    expect(judged(folder).lines.get("one")).toMatchObject({ flagged: true, cause: "cart" });
  });

  test("samples further apart than the interval that is told are judged as they lie", () => {
    const one = { ...caseOf("one", true, { intervalS: 300, before: 20, after: 6, samples: slow }), interval_s: 60 };
    const { lines } = judged(setOf({ one }));
    expect(lines.get("one")).toMatchObject({ flagged: true });
    expect(lines.get("one")!.notes.join()).toMatch(/interval_s is 60, but samples lie 300 s apart/);
  });

  test("holes in a history are no sparser samples", () => {
    const c = caseOf("one", true, { intervalS: 60, before: 40, after: 6, samples: slow });
    const holes = c.series.map((s) => ({ ...s, v: s.v.map((v, i) => (i < 40 && i % 4 > 0 ? null : v)) }));
    const folder = setOf({ one: { ...c, series: holes } });
    expect(windowsOf(folder)).toMatchObject([{ sampleS: 60, after: 6 }]);
    expect(judged(folder).lines.get("one")).toMatchObject({ flagged: true });
  });

  test("windows are those of each interval where a set has several", () => {
    const minutes = caseOf("minutes", true, { intervalS: 60, before: 30, after: 8, samples: slow });
    const quarters = caseOf("quarters", true, { intervalS: 600, before: 30, after: 4, samples: slow });
    expect(windowsOf(setOf({ minutes, quarters })).map((w) => [w.sampleS, w.after])).toEqual([
      [60, 8],
      [600, 4],
    ]);
  });

  test("a case with days before it learns from them", () => {
    const one = caseOf("one", true, { intervalS: 60, before: 2_000, after: 10, samples: [requests, success] });
    const result = judgeSet(readSets(setOf({ one }))[0]!, {}, () => 0);
    expect(result.withRecord![0]).toMatchObject({ flagged: true, cause: "cart" });
  });
});

describe("what a signal cannot say", () => {
  const shape = { intervalS: 60, before: 30, after: 6 };
  const reasons = (line: Line) => line.could_not_judge.map((one) => `${one.signal}: ${one.why}`);

  test("a success rate in percent is not believed, and its failures are not called steady", () => {
    const percent: Sample = { ...success, value: (step, fault, r) => 100 * success.value(step, fault, r)! };
    const { lines } = judged(setOf({ one: caseOf("one", true, { ...shape, samples: [requests, percent] }) }));
    expect(reasons(lines.get("one")!)).toContain("failures: no-data");
    expect(lines.get("one")!.notes.join()).toMatch(/success_rate is 0…1.*: success_rate 1/);
  });

  test("the rate of a service whose requests were not recorded is not judged, and what is assumed is told", () => {
    const { lines } = judged(setOf({ one: caseOf("one", true, { ...shape, samples: [success] }) }));
    expect(reasons(lines.get("one")!)).toEqual(["rate: no-data", "latency: no-data"]);
    expect(lines.get("one")!.notes.join()).toMatch(/no requests: 100 a step were assumed/);
  });

  test("a latency of nothing is no latency", () => {
    const idle: Sample = { service: "cart", signal: "latency_p50", value: (s, _f, r) => (s < 0 ? 0 : noisy(40, r)) };
    const { lines } = judged(setOf({ one: caseOf("one", true, { ...shape, samples: [requests, idle] }) }));
    expect(lines.get("one")).toMatchObject({ flagged: false });
    expect(reasons(lines.get("one")!)).toContain("latency: insufficient");
  });

  test("what callers counted stands for a service that did not count", () => {
    const c = caseOf("one", true, { ...shape, samples: [requests, success] });
    const seen = c.series.map((s) => ({ ...s, signal: `other:edge_${s.signal}`, edge: ["web", "cart"] }));
    expect(judged(setOf({ one: { ...c, series: seen } })).lines.get("one")).toMatchObject({ cause: "cart" });
  });
});
