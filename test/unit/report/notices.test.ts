import { describe, expect, test } from "vitest";
import { checkedJudgement } from "../../../src/core/experiment/final-look.ts";
import type { ExperimentEvent, ExperimentState, NaturalCause } from "../../../src/core/model/experiment.ts";
import type { DesignCheck } from "../../../src/core/model/verdict.ts";
import { recoveredNotice, stillDownNotice, withdrawnNotice } from "../../../src/core/report/follow-up.ts";
import { type NoticeInput, noticesFor } from "../../../src/core/report/notices.ts";
import { operationalNotice, refusedNotice } from "../../../src/core/report/operational.ts";
import type { Notice } from "../../../src/core/text/notice.ts";
import { noticeText } from "../../../src/core/text/notice-text.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { expectGolden } from "../../support/golden.ts";
import { judgedExperiment, noticeInput, STORY_FINDINGS } from "../../support/notices.ts";
import {
  failureEffect,
  judgement,
  ratioEffect,
  recovered,
  STORY_VERDICTS,
  signalVerdict,
  slowEffect,
} from "../../support/story.ts";

const told = (input: NoticeInput): string =>
  noticesFor(input)
    .map((notice) => noticeText(notice))
    .join("\n\n");
const known = STORY_FINDINGS.map((finding) => ({ ...finding, status: "known" as const }));
const HOUR = 3_600_000;

const transient = judgement(
  [
    signalVerdict("repeater", "failures", recovered(42_000), {
      effect: failureEffect(0.001, 0.12, 88),
      learning: true,
    }),
    signalVerdict("repeater", "latency", recovered(50_000), { effect: slowEffect(0.001, 0.04) }),
    signalVerdict("go-app", "rate", recovered(20_000), { effect: ratioEffect(0.7), starved: true }),
  ],
  { learning: true, notes: ["Two scrapes were lost after the injection."] },
);

describe("the message about an experiment", () => {
  test("tells the story of the lost database", () =>
    expectGolden("reports/notice-database-lost.txt", told(noticeInput())));

  test("tells what was disturbed and came back, and that the verdict is still learning", () =>
    expectGolden("reports/notice-transient.txt", told(noticeInput({ state: judgedExperiment(transient, []) }))));

  test("of findings that people muted or accepted there is no news, but open damage is told with who and why", () => {
    const muted = { muted: { untilMs: T0 + HOUR, why: "next release", by: "ada" }, accepted: null, owner: null };
    const accepted = { muted: null, accepted: { why: "legacy", by: "ada" }, owner: null };
    const quiet = new Map(STORY_FINDINGS.map(({ fingerprint }, i) => [fingerprint, i === 0 ? muted : accepted]));
    const some = new Map([...quiet].slice(1));
    const back = judgedExperiment(transient, STORY_FINDINGS);
    expect(told(noticeInput({ state: back }))).not.toBe("");
    expect(told(noticeInput({ state: back, handling: some }))).not.toBe("");
    expect(told(noticeInput({ state: back, handling: quiet }))).toBe("");
    const open = told(noticeInput({ handling: quiet }));
    expect(open.replaceAll(/\s+/g, " ")).toContain(
      "go-app does not reconnect to go-app-db; muted until 2026-03-06 11:15 (Europe/Berlin) by ada: next release",
    );
  });

  test("never uses the words of chaos engineers for what belongs to somebody", () =>
    expect(told(noticeInput())).not.toMatch(/victim|blast|kill/i));

  test.each<{ name: string; input: NoticeInput; messages: number }>([
    {
      name: "steady is silence",
      input: noticeInput({
        state: judgedExperiment(judgement([signalVerdict("go-app", "failures", { kind: "steady" })]), []),
      }),
      messages: 0,
    },
    {
      name: "no verdict is silence",
      input: noticeInput({
        state: judgedExperiment(
          judgement([
            signalVerdict("go-app", "failures", { kind: "inconclusive", why: "no-traffic", detail: "no requests" }),
          ]),
          [],
        ),
      }),
      messages: 0,
    },
    {
      name: "open damage is always told",
      input: noticeInput({
        state: judgedExperiment(judgement(STORY_VERDICTS), known),
        previous: new Map([
          ["go-app/go-app", "persistent"],
          ["go-app/repeater", "persistent"],
        ]),
      }),
      messages: 1,
    },
    {
      name: "a first disturbance is told",
      input: noticeInput({ state: judgedExperiment(transient, []) }),
      messages: 1,
    },
    {
      name: "the same disturbance again is not",
      input: noticeInput({
        state: judgedExperiment(transient, []),
        previous: new Map([["go-app/repeater", "transient"]]),
      }),
      messages: 0,
    },
    {
      name: "a worse disturbance than last time is",
      input: noticeInput({
        state: judgedExperiment(transient, []),
        previous: new Map([["go-app/repeater", "steady"]]),
      }),
      messages: 1,
    },
    {
      name: "a weakness that came back is told",
      input: noticeInput({
        state: judgedExperiment(
          transient,
          STORY_FINDINGS.slice(2).map((f) => ({ ...f, status: "regressed" as const })),
        ),
        previous: new Map([["go-app/repeater", "transient"]]),
      }),
      messages: 1,
    },
    {
      name: "a sham's passing alarm is for the weekly report",
      input: noticeInput({ state: judgedExperiment(transient, [], [], experimentPlan({ sham: true })) }),
      messages: 0,
    },
  ])("$name", ({ input, messages }) => expect(noticesFor(input)).toHaveLength(messages));

  test("a sham after which something stays broken says that nothing was broken on purpose", () => {
    const state = judgedExperiment(judgement(STORY_VERDICTS), [], [], experimentPlan({ sham: true }));
    const [notice] = noticesFor(noticeInput({ state }));
    expect(notice?.title).toBe("go-app got worse by itself");
    expect(notice?.summary).toMatch(/^Nothing was injected \(a sham on go-app-db\) at/);
  });

  const choice = judgedExperiment().choice!;
  const natural = (what: NaturalCause["what"]) => ({
    injection: null,
    plan: experimentPlan({ natural: { what, t0Ms: T0, choice } }),
  });
  test.each([
    { name: "a pod", change: {}, says: "Kubernetes replaced it and the replacement is Ready." },
    { name: "a pod in vain", change: { clearHow: "late" }, says: "Its replacement was not Ready in time." },
    { name: "a container", change: natural("oom-killed"), says: "It was started again, and its pod is Ready." },
    { name: "a node", change: natural("node-lost"), says: "All pods are Ready again." },
    { name: "a drained node", change: { clearHow: "uncordoned" }, says: "It takes pods again." },
    { name: "requests", change: { clearHow: "undone" }, says: "The fault was taken back." },
  ])("says what became of $name that was hit", ({ change, says }) => {
    const [notice] = noticesFor(noticeInput({ state: { ...judgedExperiment(), ...change } as ExperimentState }));
    expect(notice?.summary).toContain(`. ${says} go-app and repeater are still worse`);
  });

  test("of many services a sentence names some", () => {
    const services = Array.from({ length: 14 }, (_, i) => `shop/service-${String(i).padStart(2, "0")}`);
    const [one] = STORY_VERDICTS.filter(({ verdict }) => verdict.kind === "persistent");
    const all = judgement(
      services.map((service) => ({ ...one!, service })),
      { concerned: services },
    );
    const [notice] = noticesFor(noticeInput({ state: judgedExperiment(all, []) }));
    expect(notice?.summary).toMatch(/ service-00, service-01, service-02 and 11 more are still worse than before\.$/);
    expect(notice?.impact).toHaveLength(14);
  });

  test("services that have nothing to do with it are told apart", () => {
    const mailer = signalVerdict("mailer", "failures", { kind: "persistent" }, { effect: failureEffect(0, 0.3) });
    const both = judgement([...STORY_VERDICTS, mailer], { concerned: ["go-app/go-app", "go-app/repeater"] });
    const [notice] = noticesFor(noticeInput({ state: judgedExperiment(both) }));
    expect(notice?.impact.map(({ service }) => service)).toEqual(["go-app/go-app", "go-app/repeater"]);
    expect(notice?.context[0]).toBe("Meanwhile, and not because of this: mailer got worse by itself.");
  });

  test("among equally bad services the one in which it began is told first, however strong the others' deviates are", () => {
    const louder = STORY_VERDICTS.map((v) => (v.service === "go-app/repeater" && v.z !== null ? { ...v, z: 99 } : v));
    const [notice] = noticesFor(noticeInput({ state: judgedExperiment(judgement(louder)) }));
    expect(notice?.impact.map(({ service }) => service)).toEqual(["go-app/go-app", "go-app/repeater"]);
  });

  test("a worse service comes before the one in which it began", () => {
    const began = STORY_VERDICTS.map((v) =>
      v.service === "go-app/go-app" && v.signal === "failures" ? { ...v, verdict: recovered(30_000) } : v,
    );
    const [notice] = noticesFor(noticeInput({ state: judgedExperiment(judgement(began)) }));
    expect(notice?.title).toBe("repeater fails 50 % of requests");
  });

  test("only a bystander got worse: silence", () => {
    const mailer = signalVerdict("mailer", "failures", { kind: "persistent" }, { effect: failureEffect(0, 0.3) });
    const alone = judgement([mailer], { concerned: ["go-app/go-app"] });
    expect(noticesFor(noticeInput({ state: judgedExperiment(alone, []) }))).toEqual([]);
  });
});

describe("follow-ups", () => {
  const cured: readonly ExperimentEvent[] = [
    { kind: "notified", news: [] },
    {
      kind: "recovered",
      recoveredMs: T0 + 1_390_000,
      afterMs: 1_390_000,
      cure: "Deployment go-app/go-app was rolled out anew",
    },
  ];

  test("recovered says when, after how long, and what helped", () =>
    expectGolden(
      "reports/notice-recovered.txt",
      noticeText(recoveredNotice(noticeInput({ state: judgedExperiment(undefined, undefined, cured) }))),
    ));

  test("still down says for how long, and what to do now", () => {
    const notice = stillDownNotice(noticeInput(), T0 + 4.5 * HOUR, [
      { service: "go-app/go-app", requests: 600, failures: 294 },
    ]);
    expectGolden("reports/notice-still-down.txt", noticeText(notice as Notice));
  });

  test.each([
    { after: 0.9, key: null },
    { after: 1, key: 1 },
    { after: 3.9, key: 3 },
    { after: 24, key: 24 },
    { after: 47.9, key: 24 },
    { after: 48, key: 25 },
    { after: 7 * 24, key: 30 },
    { after: 13.9 * 24, key: 30 },
    { after: 14 * 24, key: 31 },
    { after: 365 * 24, key: 81 },
  ])("after $after h the reminder is number $key", ({ after, key }) => {
    const expected = key === null ? undefined : `go-app-pods-20260306T091500Z:still-down:${key}`;
    expect(stillDownNotice(noticeInput(), T0 + after * HOUR, [])?.key).toBe(expected);
  });

  const check = (service: string, vetoed: boolean) =>
    ({ service: `go-app/${service}`, signal: "failures", p: 0.14, candidates: 300, vetoed }) as const;
  const degraded: ExperimentEvent = { kind: "notified", news: ["go-app-pods-20260306T091500Z:degraded"] };
  const withdrawn = (checks: readonly DesignCheck[], news: ExperimentEvent = degraded) => {
    const state = judgedExperiment(undefined, undefined, [news]);
    return withdrawnNotice(noticeInput({ state }), checkedJudgement(judgement(STORY_VERDICTS), checks), checks);
  };

  test("what is withdrawn is taken back in a few words, and what stands is named", () => {
    const all = withdrawn([check("go-app", true), check("repeater", true)]);
    expectGolden("reports/notice-withdrawn.txt", noticeText(all as Notice));
    const one = withdrawn([check("go-app", false), check("repeater", true)]);
    expect(one?.title).toBe("repeater: not because of the experiment after all");
    expect(one?.summary).toContain("What was told of go-app stands.");
  });

  test.each([
    { name: "everything stands", checks: [check("go-app", false)], news: degraded },
    { name: "nothing was told", checks: [check("go-app", true)], news: { kind: "notified", news: [] } },
    {
      name: "what was told did not arrive",
      checks: [check("go-app", true)],
      news: { kind: "notified", news: ["go-app-pods-20260306T091500Z:degraded (not delivered)"] },
    },
  ] as const)("nothing is taken back when $name", ({ checks, news }) => expect(withdrawn(checks, news)).toBeNull());

  test("messages about Aftershock itself say what to do next", () =>
    expect(
      noticeText(
        operationalNotice({
          key: "halted",
          severity: "warning",
          title: "Halted",
          summary: "Ada halted all experiments: deploy freeze.",
          hint: "`aftershock resume` ends it.",
        }),
      ),
    ).toBe("🟠 Halted\n   Ada halted all experiments: deploy freeze. `aftershock resume` ends it."));

  test("a refusal is told as a sentence", () => {
    const state = { ...judgedExperiment(), refusal: { gate: "open-damage", why: "go-app-pods-1 has not recovered" } };
    expect(refusedNotice("x", state, null).summary).toBe("Go-app-pods-1 has not recovered.");
  });
});
