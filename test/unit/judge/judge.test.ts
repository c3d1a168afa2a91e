import { describe, expect, test } from "vitest";
import { judge, looksRecovered } from "../../../src/core/judge/judge.ts";
import { DEFAULT_MINIMUM_EFFECT } from "../../../src/core/model/policy.ts";
import { HOUR_MS } from "../../../src/core/model/units.ts";
import type { Judgement } from "../../../src/core/model/verdict.ts";
import { quantilesText } from "../../../src/core/text/impact.ts";
import { type Behaviour, DEMO, inputOf, LAB, observe, T0 } from "./scenario.ts";

const always = (x: number) => () => x;
const from =
  (startMs: number, value: number, before = 0) =>
  (atMs: number) =>
    atMs >= startMs ? value : before;
const between = (startMs: number, endMs: number, value: number) => (atMs: number) =>
  atMs >= startMs && atMs < endMs ? value : 0;

const bystanders: Behaviour[] = ["shop/web", "shop/cart", "shop/stock", "shop/mail", "shop/pay"].map((service, i) => ({
  service,
  rps: always(6 + 4 * i),
  failing: always(0.002 * i),
}));

const story = (failing: (atMs: number) => number): Behaviour[] => [
  { service: "go-app/repeater", rps: always(10), failing },
  { service: "go-app/go-app", rps: always(10), failing },
  ...bystanders,
];

const kindOf = (j: Judgement, service: string, signal: string) =>
  j.verdicts.find((v) => v.service === service && v.signal === signal)?.verdict.kind;
const worseThanSteady = (j: Judgement) =>
  j.verdicts.filter((v) => !["steady", "inconclusive"].includes(v.verdict.kind)).map((v) => `${v.service} ${v.signal}`);

describe.each([
  { name: "ten-second steps", geometry: LAB, historyDays: 0 },
  { name: "one-minute steps with two days of history", geometry: DEMO, historyDays: 2 },
])("the story, $name", ({ geometry, historyDays }) => {
  test("a database that comes back while go-app fails every second request for ever is persistent for go-app and repeater", () => {
    const j = judge(inputOf({ services: story(from(T0, 0.5)), geometry, historyDays }));
    expect(kindOf(j, "go-app/go-app", "failures")).toBe("persistent");
    expect(kindOf(j, "go-app/repeater", "failures")).toBe("persistent");
    expect(j.headline).toBe("persistent");
    expect(j.origin).toBe("go-app/go-app");
    expect(worseThanSteady(j)).toEqual(["go-app/repeater failures", "go-app/go-app failures"]);
    expect(j.learning).toBe(historyDays < 1);
  });

  test("it began in go-app, too, when that failed now and then before and its caller never did", () => {
    const [, , ...others] = story(always(0));
    const services = [
      { service: "go-app/repeater", rps: always(10), failing: from(T0, 0.5) },
      { service: "go-app/go-app", rps: always(10), failing: from(T0, 0.5, 0.0005) },
      ...others,
    ];
    expect(judge(inputOf({ services, geometry, historyDays })).origin).toBe("go-app/go-app");
  });

  test("nothing happened: every service is steady or says why it cannot tell", () => {
    const j = judge(inputOf({ services: story(always(0.001)), geometry, historyDays }));
    expect(worseThanSteady(j)).toEqual([]);
    expect(kindOf(j, "go-app/go-app", "failures")).toBe("steady");
    expect(j.headline).toBe("steady");
    expect(j.origin).toBeNull();
  });

  test("failures that are over before the grace ends are transient, with the time they took", () => {
    const seconds = geometry === LAB ? 20_000 : 60_000;
    const j = judge(inputOf({ services: story(between(T0, T0 + seconds, 0.4)), geometry, historyDays }));
    const verdict = j.verdicts.find((v) => v.service === "go-app/go-app" && v.signal === "failures")!.verdict;
    expect(verdict).toMatchObject({ kind: "transient", recoveredAfterMs: { point: seconds } });
    expect(j.headline).toBe("transient");
  });

  test("an effect that only shows in the late window is an effect too", () => {
    const { graceMs } = geometry;
    const j = judge(
      inputOf({
        services: story(from(T0 + 15_000 + graceMs, 0.5)),
        geometry,
        historyDays,
        clearAfterMs: geometry.earlyMs,
      }),
    );
    expect(kindOf(j, "go-app/go-app", "failures")).toBe("persistent");
  });
});

test("without any request there is no traffic to judge, and advice", () => {
  const j = judge(inputOf({ services: [{ service: "go-app/go-app", rps: always(0) }] }));
  expect(j.headline).toBe("inconclusive");
  expect(j.verdicts.map((v) => v.verdict)).toContainEqual(
    expect.objectContaining({ why: "no-traffic", detail: expect.stringContaining("send some traffic") }),
  );
});

test("steps that were not scraped are never read as zero", () => {
  const scraped = (atMs: number) => atMs < T0 || atMs >= T0 + 30_000;
  const services = story(always(0)).map((s) => ({ ...s, scraped }));
  const j = judge(inputOf({ services }));
  expect(worseThanSteady(j)).toEqual([]);
});

test.each([
  { name: "the first step", fromMs: 0, toMs: 10_000 },
  { name: "the second", fromMs: 10_000, toMs: 20_000 },
])("a calm of which $name after the injection was not scraped is not called steady", ({ fromMs, toMs }) => {
  const scraped = (atMs: number) => atMs < T0 + fromMs || atMs >= T0 + toMs;
  const services = story(always(0)).map((s) => ({ ...s, scraped }));
  const j = judge(inputOf({ services }));
  expect(j.verdicts.filter(({ verdict }) => verdict.kind === "steady")).toEqual([]);
  expect(j.verdicts.map((v) => v.verdict)).toContainEqual(
    expect.objectContaining({ why: "insufficient", detail: expect.stringContaining("1 of the first 2 steps") }),
  );
});

test("nothing scraped at all is no data", () => {
  const services = story(always(0)).map((s) => ({ ...s, scraped: () => false }));
  const j = judge(inputOf({ services }));
  expect(new Set(j.verdicts.map((v) => (v.verdict.kind === "inconclusive" ? v.verdict.why : "?")))).toEqual(
    new Set(["no-data"]),
  );
});

test("a callee whose caller fails is starved, not degraded", () => {
  const input = inputOf({
    services: [
      { service: "shop/web", rps: always(40), failing: from(T0, 0.9) },
      { service: "shop/cart", rps: from(T0, 0, 40) },
      { service: "go-app/go-app", rps: always(10) },
    ],
    geometry: DEMO,
  });
  const j = judge({ ...input, concerned: ["shop/web"] });
  const cart = j.verdicts.find((v) => v.service === "shop/cart" && v.signal === "rate")!;
  expect(cart.verdict.kind).toBe("persistent");
  expect(cart.starved).toBe(true);
  expect(j.origin).toBe("shop/web");
  const unrelated = judge({ ...input, concerned: ["go-app/go-app"] });
  expect([unrelated.headline, unrelated.origin]).toEqual(["steady", null]);
});

test("without history a bystander that gets worse is unclear at what would be enough for a caller, and found at much more", () => {
  const failingAfter = (share: number) => {
    const input = inputOf({
      services: [
        { service: "go-app/go-app", rps: always(20), failing: always(0.002) },
        { service: "shop/web", rps: always(40), failing: from(T0, share, 0.004) },
      ],
      geometry: DEMO,
    });
    return (concerned: string) =>
      judge({ ...input, concerned: [concerned] }).verdicts.find(
        (v) => v.service === "shop/web" && v.signal === "failures",
      )!.verdict;
  };
  expect(failingAfter(0.02)("shop/web").kind).toBe("persistent");
  expect(failingAfter(0.02)("go-app/go-app")).toMatchObject({ kind: "inconclusive", why: "unclear" });
  expect(failingAfter(0.3)("go-app/go-app").kind).toBe("persistent");
});

test("the note on history tells for how long a service is known, not how long the history could be", () => {
  const input = inputOf({ services: bystanders, geometry: DEMO, historyDays: 0.5 });
  const young = {
    ...input.history!,
    services: input.history!.services.map((s) => ({
      ...s,
      valid: s.valid.map((_, i) => (i >= input.history!.grid.steps - 20 ? 1 : 0)),
    })),
  };
  expect(judge({ ...input, history: young }).notes).toEqual([
    "Judged with 20 min of history; a day is needed to know a service.",
  ]);
});

test("a target that no proxy reports about is named, without a verdict", () => {
  const input = inputOf({ services: bystanders });
  const j = judge({ ...input, concerned: ["go-app/go-app-db"] });
  expect(j.verdicts.find((v) => v.service === "go-app/go-app-db")?.verdict).toMatchObject({ why: "no-data" });
});

test("median and p99 are told by the bounds between which they lie", () => {
  const slow = (atMs: number) => (atMs >= T0 ? [0.9, 0.3, 0.1] : [0.4, 0.08, 0.005]) as [number, number, number];
  const services = [{ service: "go-app/go-app", rps: always(40), slow }];
  const { verdicts } = judge(inputOf({ services, geometry: DEMO }));
  const found = verdicts.find((v) => v.signal === "latency")!;
  expect(quantilesText(found)).toBe(
    "median between 50 ms and 250 ms (before: up to 50 ms), p99 over 1 s (before: between 250 ms and 1 s)",
  );
});

test("slower answers are found by the buckets", () => {
  const services: Behaviour[] = [
    { service: "go-app/go-app", rps: always(20), slow: (atMs) => (atMs >= T0 ? [0.9, 0.5, 0.1] : [0.4, 0.08, 0.01]) },
    ...bystanders,
  ];
  const j = judge(inputOf({ services }));
  const latency = j.verdicts.find((v) => v.service === "go-app/go-app" && v.signal === "latency")!;
  expect(latency.verdict.kind).toBe("persistent");
  expect(latency.effect).toMatchObject({ unit: "share", boundMs: expect.any(Number) });
  expect(latency.effect!.change.low).toBeGreaterThan(0);
});

describe("is a damaged service back?", () => {
  const damaged = () => judge(inputOf({ services: story(from(T0, 0.5)) }));
  const later = (failing: (atMs: number) => number, rps = 10) => {
    const grid = { startMs: T0 + HOUR_MS, stepMs: LAB.stepMs, steps: 30 };
    const services = story(failing).map((s) => ({ ...s, rps: always(rps) }));
    return looksRecovered({
      observation: observe(services, grid, 7),
      damage: damaged().verdicts,
      geometry: LAB,
      minimumEffect: DEFAULT_MINIMUM_EFFECT,
    });
  };

  test("after the restart it is, since the first good step", () => {
    const looks = later(between(T0, T0 + HOUR_MS + 120_000, 0.5));
    expect(looks.map((l) => [l.service, l.signal, l.back, l.sinceMs])).toEqual([
      ["go-app/repeater", "failures", true, T0 + HOUR_MS + 120_000],
      ["go-app/go-app", "failures", true, T0 + HOUR_MS + 120_000],
    ]);
  });

  test("while it fails as before it is not", () => {
    expect(later(always(0.5)).map((l) => l.back)).toEqual([false, false]);
  });

  test("without traffic nothing is called recovered", () => {
    expect(later(always(0), 0).map((l) => l.back)).toEqual([false, false]);
  });
});

describe("what happens elsewhere at the same time", () => {
  const others = (failing: (i: number) => (atMs: number) => number): Behaviour[] =>
    Array.from({ length: 30 }, (_, i) => ({ service: `shop/other-${i}`, rps: always(5 + i), failing: failing(i) }));
  const failingApp: Behaviour = { service: "go-app/go-app", rps: always(10), failing: from(T0, 0.3) };

  test("when everybody fails, the experiment is not to blame", () => {
    const j = judge(inputOf({ services: [failingApp, ...others(() => from(T0, 0.3))] }));
    const verdict = j.verdicts.find((v) => v.service === "go-app/go-app" && v.signal === "failures")!.verdict;
    expect(verdict).toMatchObject({
      kind: "inconclusive",
      why: "confounded",
      detail: expect.stringContaining("30 of 30"),
    });
  });

  test("one unrelated service that fails by itself confounds nothing", () => {
    const j = judge(inputOf({ services: [failingApp, ...others((i) => (i === 3 ? from(T0, 0.3) : always(0)))] }));
    expect(j.headline).toBe("persistent");
  });
});
