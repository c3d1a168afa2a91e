import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { evolve, NEW_EXPERIMENT } from "../../../src/core/experiment/life.ts";
import type { ExperimentEvent, ExperimentState } from "../../../src/core/model/experiment.ts";
import { measuring } from "../../../src/main/own-metrics/measured.ts";
import { type OwnMetrics, ownMetrics } from "../../../src/main/own-metrics/own-metrics.ts";
import type { JudgeRunner } from "../../../src/ports/judge.ts";
import { judgement } from "../../support/story.ts";
import { experimentEvents, idOf } from "../../support/week.ts";

const SLOT_MS = Date.parse("2026-03-03T10:00:00Z");
const page = readFileSync(new URL("../../../docs/metrics.md", import.meta.url), "utf8");

const own = (): OwnMetrics => ownMetrics("1.2.3", { nowMs: () => 1_700_000_000_500 });
const NOTHING = { open: [], calls: [] };
const lines = async (metrics: OwnMetrics, now: Parameters<OwnMetrics["text"]>[0] = NOTHING): Promise<string[]> =>
  (await metrics.text(now)).split("\n");

/** Tells `metrics` of each event, and answers the last state. */
function play(metrics: OwnMetrics, events: readonly ExperimentEvent[]): ExperimentState {
  let state = NEW_EXPERIMENT;
  for (const event of events) {
    state = evolve(state, event);
    metrics.listener(idOf(SLOT_MS), event, state);
  }
  return state;
}

describe("what happened to experiments", () => {
  test("a persistent one is counted once, in its outcome and its verdict", async () => {
    const metrics = own();
    play(metrics, experimentEvents({ slotMs: SLOT_MS, judged: { ...judgement([]), headline: "persistent" } }));
    const text = await lines(metrics);
    expect(text).toContain('aftershock_outcomes_total{outcome="not recovered"} 1');
    expect(text).toContain('aftershock_outcomes_total{outcome="recovered"} 0');
    expect(text).toContain('aftershock_verdicts_total{verdict="persistent",kind="fault"} 1');
    expect(text).toContain('aftershock_experiment_events_total{event="injected"} 1');
    expect(text).toContain("aftershock_choice_to_call_seconds_count 1");
    expect(text).toContain("aftershock_shams_total 0");
  });

  test("a sham that found something is a false alarm and has no outcome", async () => {
    const metrics = own();
    const judged = { ...judgement([]), headline: "transient" } as const;
    play(metrics, experimentEvents({ slotMs: SLOT_MS, sham: true, judged }));
    const text = await lines(metrics);
    expect(text).toContain("aftershock_false_alarms_total 1");
    expect(text).toContain("aftershock_shams_total 1");
    expect(text.filter((line) => /^aftershock_outcomes_total.* [1-9]/.test(line))).toEqual([]);
    expect(text).toContain("aftershock_choice_to_call_seconds_count 0");
  });

  test("one under way is active with its target, and gone after its end", async () => {
    const metrics = own();
    const state = play(metrics, experimentEvents({ slotMs: SLOT_MS }));
    const labels = 'policy="go-app-pods",fault="pod-delete",namespace="go-app",workload="go-app"';
    expect(await lines(metrics, { ...NOTHING, open: [state] })).toContain(`aftershock_experiment_active{${labels}} 1`);
    expect((await lines(metrics)).filter((line) => line.startsWith("aftershock_experiment_active{"))).toEqual([]);
  });

  test("a hostile name stays inside its label", async () => {
    const metrics = own();
    const state = play(metrics, experimentEvents({ slotMs: SLOT_MS, on: 'a"} 7\nevil_total 1 \\' }));
    const text = await lines(metrics, { ...NOTHING, open: [state] });
    expect(text.filter((line) => line.startsWith("evil_total"))).toEqual([]);
    expect(text.some((line) => line.includes(String.raw`workload="a\"} 7\nevil_total 1 \\"`))).toBe(true);
  });
});

test("open damage that is not known has no value, and storage is not up", async () => {
  const metrics = own();
  const known = await lines(metrics);
  expect(known).toContain("aftershock_open_damage 0");
  expect(known).toContain("aftershock_storage_up 1");
  const unknown = await lines(metrics, { open: null, calls: [] });
  expect(unknown.filter((line) => line.startsWith("aftershock_open_damage "))).toEqual([]);
  expect(unknown).toContain("aftershock_storage_up 0");
});

test("the usual numbers of a process are there, and no lag that is none", async () => {
  const text = (await lines(own())).join("\n");
  for (const name of ["process_resident_memory_bytes", "process_cpu_seconds_total", "nodejs_eventloop_lag_seconds"])
    expect(text).toMatch(new RegExp(`^${name} [0-9.e-]+$`, "m"));
  expect(text).not.toContain("nodejs_eventloop_lag_mean");
});

test("a loop is stamped with the time of its success", async () => {
  const metrics = own();
  metrics.worked("sweep");
  expect(await lines(metrics)).toContain('aftershock_loop_last_success_timestamp_seconds{loop="sweep"} 1700000000.5');
});

test("requests to the API server are counted once, however often they are scraped", async () => {
  const metrics = own();
  const call = { verb: "list", group: "", resource: "pods", template: "", namespaces: [], count: 3 };
  await metrics.text({ open: [], calls: [call] });
  expect(await lines(metrics, { open: [], calls: [{ ...call, count: 5 }] })).toContain(
    'aftershock_kubernetes_requests_total{verb="list",group="",resource="pods"} 5',
  );
});

test("a measured port answers and fails as before, and both are counted", async () => {
  const metrics = own();
  const answer = judgement([]);
  const judges = (judge: JudgeRunner["judge"]): JudgeRunner =>
    measuring(metrics).judge({ judge, finalLook: () => Promise.reject(new Error("not asked")) });
  const asked = {} as Parameters<JudgeRunner["judge"]>[0];
  const signal = new AbortController().signal;
  expect(await judges(async () => answer).judge(asked, signal)).toBe(answer);
  const broken = judges(() => Promise.reject(new Error("out of memory")));
  await expect(broken.judge(asked, signal)).rejects.toThrow("out of memory");
  const text = await lines(metrics);
  expect(text).toContain('aftershock_judgement_duration_seconds_count{result="ok"} 1');
  expect(text).toContain('aftershock_judgement_duration_seconds_count{result="failed"} 1');
});

test("docs/metrics.md lists each of our own metrics with its type, labels and meaning", async () => {
  const described = (await own().described()).filter(({ name }) => name.startsWith("aftershock_"));
  const rows = described.map(({ name, type, labels, help }) => {
    const shown = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${type} | ${shown} | ${help} |`;
  });
  expect(page.split("\n").filter((line) => line.startsWith("| `aftershock_"))).toEqual(rows);
});
