import { describe, expect, test } from "vitest";
import { type NodePressure, starvedAgain, withoutCpuShortage } from "../../../src/core/experiment/node-pressure.ts";
import type { Judgement, Signal, Verdict } from "../../../src/core/model/verdict.ts";
import { storyCluster } from "../../support/cluster.ts";
import { judgementOf, verdictOn } from "../../support/experiments.ts";
import { STORY_PODS } from "../../support/story.ts";

/** repeater runs on node-a alone, go-app and its database on node-b; node-c has none of them. */
const CLUSTER = storyCluster({
  pods: STORY_PODS.map((pod) => ({ ...pod, node: pod.workload.name === "repeater" ? "node-a" : "node-b" })),
});
const CALLS = [
  { caller: "go-app/repeater", callee: "go-app/go-app" },
  { caller: "go-app/go-app", callee: "go-app/go-app-db" },
];
const on = (signal: Signal, service: string, kind: "persistent" | "transient" | "steady" = "persistent") => ({
  ...verdictOn(service, kind),
  signal,
});
const judgement = (...verdicts: Judgement["verdicts"]): Judgement => ({
  ...judgementOf("persistent"),
  verdicts,
  concerned: ["go-app/go-app", "go-app/repeater", "go-app/go-app-db"],
});
const waiting = (shares: Readonly<Record<string, number>>): readonly NodePressure[] =>
  Object.entries(shares).map(([node, share]) => ({ node, share, by: "waiting" }));
const CALM = waiting({ "node-a": 0.05, "node-b": 0.05, "node-c": 0.05 });

const told = (judged: Judgement): readonly string[] =>
  judged.verdicts.map(({ service, signal, verdict }) => `${signal} of ${service}: ${kindOf(verdict)}`);
const kindOf = (verdict: Verdict): string => (verdict.kind === "inconclusive" ? verdict.why : verdict.kind);

describe("slow answers while nodes are short of CPU", () => {
  const slow = judgement(on("latency", "go-app/repeater"), on("latency", "go-app/go-app"));
  test.each([
    { name: "the caller's node spares the callee", late: { "node-a": 0.7 }, repeater: "confounded", app: "persistent" },
    {
      name: "the callee's node excuses its caller",
      late: { "node-b": 0.7 },
      repeater: "confounded",
      app: "confounded",
    },
    {
      name: "a node without their pods is none of theirs",
      late: { "node-c": 0.9 },
      repeater: "persistent",
      app: "persistent",
    },
    {
      name: "a rise to twice as much and a fifth counts",
      late: { "node-b": 0.2 },
      repeater: "confounded",
      app: "confounded",
    },
    { name: "less than a fifth does not", late: { "node-b": 0.19 }, repeater: "persistent", app: "persistent" },
  ])("$name", ({ late, repeater, app }) => {
    const judged = withoutCpuShortage(slow, { before: CALM, early: CALM, late: waiting(late) }, [CLUSTER], CALLS);
    expect(told(judged)).toEqual([`latency of go-app/repeater: ${repeater}`, `latency of go-app/go-app: ${app}`]);
  });

  test.each([
    { name: "half of the time, as before", before: 0.5, late: 0.5, is: "confounded" },
    { name: "more than before, but not twice as much", before: 0.25, late: 0.45, is: "persistent" },
    { name: "a third of the time, and nobody knows what it was before", before: null, late: 0.33, is: "persistent" },
  ])("$name", ({ before, late, is }) => {
    const was = before === null ? [] : waiting({ "node-b": before });
    const seen = { before: was, early: CALM, late: waiting({ "node-b": late }) };
    const judged = withoutCpuShortage(judgement(on("latency", "go-app/go-app")), seen, [CLUSTER], CALLS);
    expect(told(judged)).toEqual([`latency of go-app/go-app: ${is}`]);
  });

  test("what ended is asked of the time right after the injection, what stays of the end", () => {
    const seen = { before: CALM, early: waiting({ "node-b": 0.8 }), late: CALM };
    const both = judgement(on("latency", "go-app/go-app", "transient"), on("latency", "go-app/go-app-db"));
    expect(told(withoutCpuShortage(both, seen, [CLUSTER], CALLS))).toEqual([
      "latency of go-app/go-app: confounded",
      "latency of go-app/go-app-db: persistent",
    ]);
  });

  test("CPUs that are used up count where waiting is not measured", () => {
    const busy = (share: number): NodePressure => ({ node: "node-b", share, by: "busy" });
    const judged = withoutCpuShortage(
      judgement(on("latency", "go-app/go-app")),
      { before: [busy(0.3)], early: [], late: [busy(0.97)] },
      [CLUSTER],
      CALLS,
    );
    expect(judged.verdicts[0]?.verdict).toEqual({
      kind: "inconclusive",
      why: "confounded",
      detail:
        "Answers were slower, but node node-b was short of CPU: 97 % of its CPUs were used (before: 30 %). Run it again when it is not.",
    });
  });

  test("failures and the request rate stand, and so does the headline that rests on them", () => {
    const seen = { before: CALM, early: CALM, late: waiting({ "node-b": 0.9 }) };
    const judged = withoutCpuShortage(
      judgement(on("failures", "go-app/go-app"), on("rate", "go-app/go-app"), on("latency", "go-app/go-app")),
      seen,
      [CLUSTER],
      CALLS,
    );
    expect([judged.headline, judged.origin, ...told(judged)]).toEqual([
      "persistent",
      slow.origin,
      "failures of go-app/go-app: persistent",
      "rate of go-app/go-app: persistent",
      "latency of go-app/go-app: confounded",
    ]);
  });

  test("where nothing else got worse the headline is that nobody knows, never steady", () => {
    const seen = { before: CALM, early: CALM, late: waiting({ "node-b": 0.9 }) };
    const judged = withoutCpuShortage(
      judgement(on("failures", "go-app/go-app", "steady"), on("latency", "go-app/go-app")),
      seen,
      [CLUSTER],
      CALLS,
    );
    expect([judged.headline, judged.origin]).toEqual(["inconclusive", null]);
  });

  test("a judgement that is made again is taken back again, where it comes out as bad once more", () => {
    const seen = { before: CALM, early: CALM, late: waiting({ "node-b": 0.9 }) };
    const recorded = withoutCpuShortage(slow, seen, [CLUSTER], CALLS);
    expect(starvedAgain(slow, recorded)).toEqual(recorded);
    const well = judgement(on("latency", "go-app/repeater", "steady"), on("latency", "go-app/go-app", "steady"));
    expect(starvedAgain(well, recorded)).toBe(well);
    expect(starvedAgain(slow, slow)).toBe(slow);
  });
});
