import { describe, expect, test } from "vitest";
import { replay } from "../../../src/core/experiment/life.ts";
import type { ExperimentState, NaturalCause } from "../../../src/core/model/experiment.ts";
import type { Judgement } from "../../../src/core/model/verdict.ts";
import { weekNamed } from "../../../src/core/report/week.ts";
import { trendOf } from "../../../src/core/report/weekly/trend.ts";
import { renderText, weeklyNotice, weeklyReport } from "../../../src/core/report/weekly.ts";
import { noticeText } from "../../../src/core/text/notice-text.ts";
import { recoveriesText, weekSentence } from "../../../src/core/text/week-page.ts";
import { confidenceText, findingHeadline, trendText, unknownText, weekSpan } from "../../../src/core/text/weekly.ts";
import { renderReportPage } from "../../../src/views/report-page.tsx";
import { expectGolden } from "../../support/golden.ts";
import { STORY_FINDINGS } from "../../support/notices.ts";
import { judgement, STORY_VERDICTS } from "../../support/story.ts";
import { experiment, STEADY, T_DATABASE, TRANSIENT, WEEK, WEEK_EXPERIMENTS, WEEK_INPUT } from "../../support/week.ts";

const report = weeklyReport(WEEK_INPUT);

describe("the weekly report", () => {
  test("is this data", () => expectGolden("reports/weekly.json", JSON.stringify(report, null, 2)));
  test("reads like this on a terminal, with last week beside it", () => {
    const lastWeek = {
      ...WEEK_INPUT,
      week: weekNamed("2026-W09", "Europe/Berlin"),
      experiments: WEEK_EXPERIMENTS.slice(0, 2),
    };
    expectGolden("reports/weekly.txt", renderText(weeklyReport({ ...WEEK_INPUT, previous: weeklyReport(lastWeek) })));
  });
  test("reads like this in a message", () =>
    expectGolden(
      "reports/notice-weekly.txt",
      noticeText(weeklyNotice(report, "http://aftershock.example/reports/2026-W10")),
    ));

  test("of a week in which nothing happened says so, and claims nothing", () => {
    const empty = weeklyReport({ ...WEEK_INPUT, experiments: [], findings: new Map(), inventory: [] });
    expectGolden("reports/weekly-empty.txt", renderText(empty));
    expect(empty).toMatchObject({ score: { share: null }, falseAlarms: { share: null }, recovery: { medianMs: null } });
  });

  test("says that the cluster could not be read, instead of calling all of it tested", () => {
    const { score, coverage } = weeklyReport({ ...WEEK_INPUT, inventory: null });
    expect(coverage.lines).toHaveLength(3);
    expect(unknownText(score)).toBe("The cluster could not be read: which workloads were not tested is not known.");
  });

  test.each([
    { name: "in one month", week: "2026-W10", span: "2 to 8 March 2026" },
    { name: "over the end of a month", week: "2026-W14", span: "30 March to 5 April 2026" },
    { name: "over the end of a year", week: "2020-W01", span: "30 December 2019 to 5 January 2020" },
  ])("names the days of a week $name", ({ week, span }) => expect(weekSpan(weekNamed(week, "UTC"))).toBe(span));

  test("says in the message what is better and what is worse than the week before", () => {
    const before = { ...report, week: weekNamed("2026-W09", "Europe/Berlin") };
    const told = (previous: typeof report): string =>
      weeklyNotice(weeklyReport({ ...WEEK_INPUT, previous }), null).summary;
    expect(told(before)).toContain("As in 2026-W09.");
    const findings = report.findings.slice(0, 1);
    expect(told({ ...before, findings })).toContain("Compared with 2026-W09: open findings 1 → 3 (worse).");
    const recovery = { ...report.recovery, medianMs: 10_000, lowMs: 5_000, highMs: 20_000 };
    const now = { ...report, recovery: { ...recovery, medianMs: 732_000, lowMs: 24_000, highMs: null } };
    expect(trendText(trendOf(now, { ...before, recovery }))).toContain("median recovery 10 s → 12 min 12 s (worse)");
  });

  test("lists how long few disturbances lasted, and gives no median of them", () => {
    expect(report.recovery).toMatchObject({ medianMs: null, ended: 2, durationsMs: [24_000, 1_440_000] });
    expect(weeklyNotice(report, null).summary).toContain("Recovery: 24 s, 24 min.");
  });

  test("counts the requests that failed until a disturbance was over, not until its verdict", () => {
    const [judged] = WEEK_INPUT.experiments.filter(({ recoveredMs }) => recoveredMs !== null);
    if (judged === undefined) throw new Error("no experiment of the week left damage that ended");
    const failedOf = (state: typeof judged): number =>
      weeklyReport({ ...WEEK_INPUT, experiments: [state] }).experiments.lines[0]?.failed ?? 0;
    expect(failedOf({ ...judged, failedInAll: 9_733 })).toBe(9_733);
    const untilVerdict = judged.judgement?.verdicts.map(({ effect }) => effect?.excess ?? 0) ?? [];
    expect(failedOf({ ...judged, failedInAll: null })).toBeGreaterThan(Math.max(...untilVerdict));
  });

  test("calls nothing better or worse that so few may differ by chance", () => {
    const share = report.score.share === null ? null : { ...report.score.share, point: 1, low: 0.6, high: 1 };
    const before = { ...report, week: weekNamed("2026-W09", "Europe/Berlin"), score: { ...report.score, share } };
    const { trend } = weeklyReport({ ...WEEK_INPUT, previous: before });
    expect(trend?.lines[0]).toMatchObject({ label: "unaffected among tested", better: null, unsure: true });
    expect(trendText(trend)).toBe("Compared with 2026-W09: unaffected among tested 100 % → 33 % (too few to tell)");
  });

  test("calls fewer tested workloads worse only when the week is over", () => {
    const tested = (nowMs: number) =>
      weeklyReport({ ...WEEK_INPUT, nowMs, experiments: [], previous: report }).trend?.lines.find(
        ({ label }) => label === "workloads tested",
      )?.better;
    expect(tested(WEEK.fromMs + 1)).toBeNull();
    expect(tested(WEEK.toMs)).toBe(false);
  });

  test("of a week that is not over says so", () =>
    expect(renderText(weeklyReport({ ...WEEK_INPUT, nowMs: WEEK.fromMs + 1 }))).toContain("so far (2026-03-02 00:00)"));
});

describe("what happened by itself", () => {
  const natural = (slotMs: number, cause: Partial<NaturalCause>, judged: Judgement | null): ExperimentState => {
    const { plan, choice } = experiment({ slotMs });
    const own = { what: "evicted" as const, t0Ms: slotMs, choice: choice!, ...cause };
    return replay([
      { kind: "planned", plan: { ...plan!, id: `natural-${slotMs}`, policy: "natural", natural: own } },
      { kind: "happened", t0Ms: slotMs, choice: own.choice },
      ...(judged === null
        ? []
        : [
            { kind: "cleared" as const, clearMs: slotMs + 60_000, how: "replaced" as const },
            { kind: "judged" as const, judgement: judged, provisional: false },
            { kind: "diagnosed" as const, findings: [] },
            { kind: "notified" as const, news: [] },
          ]),
    ]);
  };
  const choice = experiment({ slotMs: T_DATABASE }).choice!;
  const pods = ["a", "b", "c"].map((name) => ({ namespace: "go-app", name, uid: name }));
  const node = { ...choice, target: { ...choice.target, node: "node-a", pods } };
  const input = {
    ...WEEK_INPUT,
    experiments: [
      ...WEEK_EXPERIMENTS,
      natural(T_DATABASE - 7_200_000, {}, STEADY),
      natural(T_DATABASE + 7_200_000, { what: "node-lost", choice: node }, TRANSIENT),
      natural(T_DATABASE + 9_000_000, { what: "oom-killed" }, null),
    ],
  };
  const told = weeklyReport(input);

  test("is counted, with the requests that it cost; the page lists it", () => {
    expect(renderText(told)).toContain("3 natural failures");
    expect(renderText(told)).toContain("21,120 in experiments, 14 in natural failures");
  });

  test("is in no count of experiments", () => {
    expect(told.experiments).toEqual(report.experiments);
    expect(told.score).toEqual(report.score);
  });

  test("is not mentioned where nothing did", () => {
    expect(report.natural).toEqual([]);
    expect(renderText(report)).not.toContain("NATURAL FAILURES");
  });

  test("is in the message, and its open damage is as bad as any", () => {
    const lasting = natural(T_DATABASE + 9_000_000, { what: "oom-killed" }, judgement(STORY_VERDICTS));
    const { severity, summary, impact } = weeklyNotice(weeklyReport({ ...input, experiments: [lasting] }), null);
    expect(severity).toBe("bad");
    expect(summary).toContain("1 natural failure.");
    expect(impact).toEqual([
      {
        service: "a container of go-app/go-app",
        line: expect.stringMatching(/^still open since it was lost: go-app\/go-app: 50 % of requests failed/),
      },
    ]);
  });

  test("stands on the page, in a saved one without links", async () => {
    const page = await renderReportPage(told);
    expect(page).toContain("What failed by itself");
    expect(page).toContain("node node-a with 3 pods");
    expect(page).not.toContain(`/experiments/natural-`);
    expect(await renderReportPage(report)).not.toContain("What failed by itself");
  });
});

describe("what counts", () => {
  test("a workload that was not tested is unknown, not good and not bad", () =>
    expect(report.score).toMatchObject({ unaffected: 1, recovered: 1, notRecovered: 1, unknown: 3 }));

  test("a workload is only as good as its worst experiment", () => {
    const worse = [...WEEK_EXPERIMENTS, { ...WEEK_EXPERIMENTS[3]!, choice: WEEK_EXPERIMENTS[1]!.choice }];
    expect(weeklyReport({ ...WEEK_INPUT, experiments: worse }).score).toMatchObject({
      unaffected: 1,
      recovered: 0,
      notRecovered: 2,
    });
  });

  test("an experiment without a verdict leaves its workload unknown", () => {
    const blind = experiment({ slotMs: WEEK.fromMs, judged: { ...STEADY, verdicts: [], headline: "inconclusive" } });
    const { score, coverage } = weeklyReport({ ...WEEK_INPUT, experiments: [blind] });
    expect(score).toMatchObject({ unaffected: 0, recovered: 0, notRecovered: 0, unknown: 6, share: null });
    expect(coverage.hit).toBe(1);
  });

  test("shams are no tests of a workload, and their alarms are false alarms", () => {
    const shams = [1, 2, 3].map((day) =>
      experiment({ slotMs: WEEK.fromMs + day * 86_400_000, sham: true, judged: day === 1 ? TRANSIENT : STEADY }),
    );
    const { score, falseAlarms, experiments, coverage } = weeklyReport({ ...WEEK_INPUT, experiments: shams });
    expect(score.share).toBeNull();
    expect(coverage.hit).toBe(0);
    expect(experiments).toMatchObject({ injected: 0, shams: 3, byVerdict: { transient: 0, steady: 0 } });
    expect(falseAlarms).toMatchObject({ count: 1, of: 3 });
    expect(falseAlarms.share?.low).toBeCloseTo(0.0615, 3);
    expect(falseAlarms.share?.high).toBeCloseTo(0.7923, 3);
  });

  test("what one week cannot tell of the detector, the shams of three months can", () => {
    const sham = (day: number, judged = STEADY) =>
      experiment({ slotMs: WEEK.fromMs - day * 86_400_000, sham: true, judged });
    const quiet = Array.from({ length: 40 }, (_, i) => sham(60 - i));
    const calm = weeklyReport({ ...WEEK_INPUT, earlier: quiet });
    expect(calm.audit).toMatchObject({ shams: { count: 1, of: 42 }, overdueSinceMs: null });
    expect(renderText(calm)).toMatch(/1 of 42 shams raised a false alarm \(2.4 %/);
    const loud = [sham(1, TRANSIENT), sham(5, TRANSIENT), sham(3, TRANSIENT), sham(4, TRANSIENT)];
    const old = sham(91, TRANSIENT);
    const late = weeklyReport({ ...WEEK_INPUT, earlier: [...loud, ...quiet, sham(2, TRANSIENT), old] });
    expect(late.audit).toMatchObject({ shams: { count: 6, of: 47 }, overdueSinceMs: loud[1]!.t0Ms });
    expect(renderText(late)).toMatch(/alarms more often than promised \(5 % of the shams\) since\s+2026-02-25/);
    expect(weeklyNotice(late, null).context.join(" ")).toContain("more often than promised");
  });

  test("what the minutes of the shams say is told, with a warning when they are not like others", () => {
    const sham = (day: number, place: number): ExperimentState => ({
      ...experiment({ slotMs: WEEK.fromMs - day * 86_400_000, sham: true, judged: STEADY }),
      minutes: [{ test: null, counts: new Array<number>(60).fill(1), drawn: 60 - place }],
    });
    const even = [31, 5, 52, 17, 12, 25, 58, 44].map((place, i) => sham(30 - i, place));
    const calm = weeklyReport({ ...WEEK_INPUT, earlier: even });
    expect(calm.audit.minutes).toMatchObject({ shams: 8, worseThan: expect.closeTo(0.5, 1), unevenSinceMs: null });
    expect(calm.audit.minutes.p).toBeGreaterThan(0.5);
    expect(renderText(calm)).toContain("The minutes of 8 shams looked worse than 50 %");
    const worst = [9, 8, 7, 6, 5, 4].map((day) => sham(day, 1));
    const late = weeklyReport({ ...WEEK_INPUT, earlier: [...worst, ...even] });
    expect(late.audit.minutes).toMatchObject({ shams: 14, unevenSinceMs: worst[0]!.t0Ms });
    expect(late.audit.minutes.p).toBeLessThan(0.01);
    expect(renderText(late)).toMatch(/Since 2026-02-21 the minutes of the shams are\s+not like the others/);
    expect(weeklyNotice(late, null).context.join(" ")).toContain("not like the others");
  });

  test.each([
    { share: 0.41, text: "of 100 choices of the minutes of 2 later experiments, 41 would have looked as bad" },
    { share: 3e-4, text: "of 10,000 choices of the minutes of 2 later experiments, 3 would have looked as bad" },
    { share: 4e-6, text: "of 1,000,000 choices of the minutes of 2 later experiments, 4 would have looked as bad" },
    {
      share: 1e-9,
      text: "of 1,000,000 choices of the minutes of 2 later experiments, fewer than 1 would have looked as bad",
    },
  ])("$share of the other choices of the minutes is told in whole numbers", ({ share, text }) => {
    const confidence = {
      standing: "confirmed",
      shown: 3,
      runs: 3,
      evidence: 2_500,
      minutes: { share, runs: 2 },
    } as const;
    expect(confidenceText(confidence)).toBe(`confirmed: shown by 3 of 3 experiments, evidence 2,500 to 1; ${text}`);
  });

  test("damage that is still open counts as not recovered yet, not as missing", () => {
    const open = {
      slotMs: WEEK.fromMs,
      on: "go-app-db",
      judged: WEEK_EXPERIMENTS[3]!.judgement!,
    };
    const { recovery, experiments } = weeklyReport({ ...WEEK_INPUT, experiments: [experiment(open)] });
    expect(recovery).toMatchObject({ medianMs: null, ended: 0, censored: 1 });
    expect(experiments.lines[0]?.open).toBe(true);
  });
});

describe("what became of findings", () => {
  test("new and regressed come first, then known ones, then what was fixed", () =>
    expect(report.findings.map(({ status, weakness }) => `${status} ${weakness}`)).toEqual([
      "new stale-connection",
      "regressed probe-does-not-cover-dependency",
      "known single-point-of-failure",
      "fixed slow-replacement",
    ]));

  test("a week later nothing is new, and what had been fixed is not told again", () => {
    const later = weeklyReport({ ...WEEK_INPUT, week: weekNamed("2026-W11", "Europe/Berlin"), experiments: [] });
    expect(later.findings.map(({ status }) => status)).toEqual(["known", "known", "known"]);
  });

  test("what was last seen in an earlier week keeps its headline, and its advice while that experiment is known", () => {
    const week = weekNamed("2026-W11", "Europe/Berlin");
    const { findings } = weeklyReport({ ...WEEK_INPUT, week, experiments: [], earlier: WEEK_EXPERIMENTS });
    expect(findings.map(findingHeadline)).toEqual(
      findings.map(({ fingerprint }) => STORY_FINDINGS.find((one) => one.fingerprint === fingerprint)?.title),
    );
    expect(findings[0]?.finding?.advice.fix).not.toEqual([]);
  });

  test("a headline outlives its experiment; without one, the weakness and the workload are named", () => {
    const headlines = (titled: boolean): string[] => {
      const findings = new Map(
        [...WEEK_INPUT.findings].map(([fingerprint, entries]) => {
          const title = STORY_FINDINGS.find((one) => one.fingerprint === fingerprint)?.title ?? "";
          const events = entries.map((entry) => ({
            ...entry,
            event: { ...entry.event, ...(titled ? { title } : {}) },
          }));
          return [fingerprint, events] as const;
        }),
      );
      const week = weekNamed("2026-W11", "Europe/Berlin");
      return weeklyReport({ ...WEEK_INPUT, week, experiments: [], findings }).findings.map(findingHeadline);
    };
    expect(headlines(true)).toContain("go-app does not reconnect to go-app-db");
    expect(headlines(false)).toContain("stale connection: go-app/go-app");
  });

  test("a report of an earlier week does not know what came later", () => {
    const earlier = weeklyReport({ ...WEEK_INPUT, week: weekNamed("2026-W08", "Europe/Berlin"), experiments: [] });
    expect(earlier.findings.map(({ status, weakness }) => `${status} ${weakness}`)).toEqual([
      "new probe-does-not-cover-dependency",
      "new single-point-of-failure",
    ]);
  });
});

describe("the one page", () => {
  const shams = Array.from({ length: 200 }, (_, i) =>
    experiment({ slotMs: WEEK.fromMs + i * 60_000, sham: true, judged: i % 9 === 0 ? TRANSIENT : STEADY }),
  );
  const many = Array.from({ length: 10_000 }, (_, i) =>
    experiment({
      slotMs: WEEK.fromMs + i * 60_000,
      on: `service-with-a-long-name-${i % 300}`,
      judged: i % 7 === 0 ? judgement(STORY_VERDICTS) : TRANSIENT,
    }),
  );
  const weeks = [
    { name: "empty", input: { ...WEEK_INPUT, experiments: [], findings: new Map(), inventory: [] } },
    { name: "first", input: { ...WEEK_INPUT, experiments: WEEK_EXPERIMENTS.slice(0, 1), findings: new Map() } },
    { name: "dst", input: { ...WEEK_INPUT, week: weekNamed("2026-W13", "Europe/Berlin"), experiments: [] } },
    { name: "w53", input: { ...WEEK_INPUT, week: weekNamed("2026-W53", "Europe/Berlin"), experiments: [] } },
    { name: "10000", input: { ...WEEK_INPUT, experiments: [...many, ...shams] } },
  ];
  test.each(weeks)("of the week $name is this, in 60 lines of 80 columns", { timeout: 60_000 }, ({ name, input }) => {
    const text = renderText(weeklyReport(input));
    expect(text.split("\n").length).toBeLessThanOrEqual(60);
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    expectGolden(`reports/page-${name}.txt`, text);
  });

  test("tells the week in a sentence, with fix and owner", () => {
    const inventory = WEEK_INPUT.inventory!.map((line) => ({ ...line, owner: "payments" }));
    expect(weekSentence(weeklyReport({ ...WEEK_INPUT, inventory }))).toBe(
      "go-app stays broken until it is restarted when go-app-db loses a pod. Fix: reconnect. Owner: payments.",
    );
  });

  test("takes the fix of the finding that has a command for now, whichever is listed first", () => {
    const made = weeklyReport(WEEK_INPUT);
    const reversed = { ...made, findings: made.findings.toReversed() };
    expect(weekSentence(reversed)).toContain("Fix: reconnect.");
  });

  test("lists fewer than five times to recover, and gives the median of more", () => {
    expect(recoveriesText([24_000, 31_000])).toBe("24 s, 31 s");
    expect(recoveriesText([1_000, 2_000, 3_000, 4_000, 90_000])).toBe("median 3 s");
  });
});
