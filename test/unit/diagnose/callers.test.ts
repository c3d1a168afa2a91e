import { describe, expect, test } from "vitest";
import { deriveFacts } from "../../../src/core/diagnose/derive.ts";
import { diagnose } from "../../../src/core/diagnose/diagnose.ts";
import type { DiagnosisInput } from "../../../src/core/diagnose/input.ts";
import type { CallEdge } from "../../../src/core/model/cluster.ts";
import type { Judgement, Retried, SignalVerdict } from "../../../src/core/model/verdict.ts";
import { shippedRules } from "../../support/rules.ts";
import {
  deployment,
  failureEffect,
  goAppPodLost,
  judgement,
  recovered,
  STORY_EDGES,
  signalVerdict,
  slowEffect,
} from "../../support/story.ts";

const RULES = shippedRules();

/** A pod of go-app, which repeater calls, was deleted and replaced in 8 s. */
const goAppHit = (
  verdicts: readonly SignalVerdict[],
  told: Partial<Judgement> = {},
  changes: Partial<DiagnosisInput> = {},
): DiagnosisInput => goAppPodLost(8_000, { judgement: judgement(verdicts, told), ...changes });

const found = (input: DiagnosisInput): string[] =>
  diagnose(deriveFacts(input), RULES).map(({ weakness, workload }) => `${weakness} of ${workload.name}`);

const steady = (service: string, signal: SignalVerdict["signal"] = "failures"): SignalVerdict =>
  signalVerdict(service, signal, { kind: "steady" });

describe("retries that hide failures", () => {
  const BY_PROXY: Retried = {
    by: "proxy",
    callers: ["go-app/repeater"],
    service: "go-app/go-app",
    before: 1,
    after: 1.26,
  };
  const unharmed = [steady("go-app"), steady("repeater")];

  test("are found at the caller whose proxies tried again, with how often", () => {
    const [finding] = diagnose(deriveFacts(goAppHit(unharmed, { retried: [BY_PROXY] })), RULES);
    expect(finding).toMatchObject({
      weakness: "retries-hide-failures",
      workload: deployment("repeater"),
      provokedBy: "Deployment/go-app/go-app",
    });
    expect(finding?.evidence).toContain("go-app received 1.3 attempts for each request (before: 1.0)");
  });

  test("are found where the caller itself asks again, though its single calls fail", () => {
    const failing = signalVerdict("go-app", "failures", recovered(40_000), { effect: failureEffect(0, 0.5, 300) });
    const retried = [{ ...BY_PROXY, by: "caller" as const, after: 2 }];
    expect(found(goAppHit([failing, steady("repeater")], { retried }))).toContain("retries-hide-failures of repeater");
  });

  test.each<{ name: string; verdicts: readonly SignalVerdict[]; retried: readonly Retried[] }>([
    { name: "nobody tried again", verdicts: unharmed, retried: [] },
    { name: "somebody else did", verdicts: unharmed, retried: [{ ...BY_PROXY, callers: ["go-app/other"] }] },
    {
      name: "what was tried again was not hit",
      verdicts: unharmed,
      retried: [{ ...BY_PROXY, service: "go-app/go-app-db" }],
    },
    { name: "nobody knows what became of the caller", verdicts: [steady("go-app")], retried: [BY_PROXY] },
    {
      name: "the caller failed all the same",
      verdicts: [
        steady("go-app"),
        signalVerdict("repeater", "failures", recovered(40_000), { effect: failureEffect(0, 0.1, 80) }),
      ],
      retried: [BY_PROXY],
    },
  ])("are not found when $name", ({ verdicts, retried }) => {
    expect(found(goAppHit(verdicts, { retried }))).not.toContain("retries-hide-failures of repeater");
  });
});

describe("a caller without a fallback", () => {
  const failing = (service: string, excess: number): SignalVerdict =>
    signalVerdict(service, "failures", recovered(60_000), { effect: failureEffect(0, 0.5, excess) });
  const toDatabase = {
    caller: deployment("repeater"),
    callee: "go-app/go-app-db",
    protocol: "tcp" as const,
    perSecond: 0,
  };
  const calls = [...STORY_EDGES, toDatabase];
  const without = (excess: number, edges: readonly CallEdge[] = calls) =>
    found(goAppHit([failing("go-app", 600), failing("repeater", excess)], {}, { edges }));

  test("is found where it passes on each failure of one of two services that it calls", () => {
    expect(without(590)).toContain("no-fallback of repeater");
  });

  test("is counted by its own part of the calls", () => {
    const other = { caller: deployment("other"), callee: "go-app/go-app", protocol: "http" as const, perSecond: 20 };
    expect(without(590, [...calls, other])).not.toContain("no-fallback of repeater");
    expect(without(300, [...calls, other])).toContain("no-fallback of repeater");
  });

  test.each([
    { name: "it answers most without", excess: 200, edges: calls },
    { name: "it calls nothing else", excess: 590, edges: STORY_EDGES },
    { name: "nobody knows how often it calls", excess: 590, edges: calls.map((one) => ({ ...one, perSecond: 0 })) },
  ])("is not found when $name", ({ excess, edges }) => {
    expect(without(excess, edges)).not.toContain("no-fallback of repeater");
  });
});

describe("a retry storm", () => {
  const retried: Retried = { by: "proxy", callers: ["go-app/repeater"], service: "go-app/go-app", before: 1, after: 3 };
  const over = (seconds: number): SignalVerdict =>
    signalVerdict("go-app", "failures", recovered(seconds * 1_000), { effect: failureEffect(0, 0.7, 900) });
  const slow = signalVerdict("go-app", "latency", recovered(90_000), { effect: slowEffect(0.01, 0.6) });

  test("is found where what was replaced is Ready, slow, and fails on while it is tried again", () => {
    expect(found(goAppHit([over(90), slow], { retried: [retried] }))).toContain("retry-storm of repeater");
  });

  test.each([
    { name: "it works soon after it is Ready", verdicts: [over(20), slow], tries: [retried] },
    { name: "it is as fast as ever", verdicts: [over(90), steady("go-app", "latency")], tries: [retried] },
    { name: "its speed is not known", verdicts: [over(90)], tries: [retried] },
    { name: "nobody tries again", verdicts: [over(90), slow], tries: [] },
  ])("is not found when $name", ({ verdicts, tries }) => {
    expect(found(goAppHit(verdicts, { retried: tries }))).not.toContain("retry-storm of repeater");
  });

  test("that does not end is not taken for a stale connection", () => {
    const forGood = ["go-app", "repeater"].map((service) =>
      signalVerdict(service, "failures", { kind: "persistent" }, { effect: failureEffect(0, 0.7, 9_000) }),
    );
    const all = found(goAppHit([...forGood, slow], { retried: [retried] }));
    expect(all).toContain("retry-storm of repeater");
    expect(all).not.toContain("stale-connection of repeater");
  });
});

describe("a caller without a time-out", () => {
  const slow = (service: string): SignalVerdict =>
    signalVerdict(service, "latency", recovered(90_000), { effect: slowEffect(0.01, 0.5) });
  const slower = [slow("go-app"), slow("repeater"), steady("go-app"), steady("repeater")];
  const took = (goApp: number, repeater: number) => ({
    waited: [
      { service: "go-app/go-app", atLeastMs: goApp },
      { service: "go-app/repeater", atLeastMs: repeater },
    ],
  });

  test("is found where its answers take as long as those that it waits for", () => {
    const [finding] = diagnose(deriveFacts(goAppHit(slower, took(2_500, 2_500))), RULES);
    expect(finding?.title).toBe("repeater has no time-out under 2.5 s for go-app");
  });

  test.each([
    { name: "its answers take less long", verdicts: slower, told: took(2_500, 1_000) },
    { name: "both wait for less than most time-outs", verdicts: slower, told: took(500, 500) },
    { name: "nobody knows how long it took", verdicts: slower, told: {} },
    { name: "it did not get slower", verdicts: [slow("go-app"), ...slower.slice(2)], told: took(2_500, 2_500) },
    { name: "its failures are not known", verdicts: slower.slice(0, 3), told: took(2_500, 2_500) },
  ])("is not found when $name", ({ verdicts, told }) => {
    expect(found(goAppHit(verdicts, told))).not.toContain("no-timeout of repeater");
  });
});
