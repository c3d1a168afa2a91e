import { describe, expect, test } from "vitest";
import { replay } from "../../../src/app/judge/replay.ts";
import type { NodePressure } from "../../../src/core/experiment/node-pressure.ts";
import type { ThrottledPod } from "../../../src/core/experiment/throttled.ts";
import { MINUTE_MS, SECOND_MS, type Window } from "../../../src/core/model/units.ts";
import type { Judgement, Signal } from "../../../src/core/model/verdict.ts";
import { bench, replaced, world } from "../../support/app.ts";
import { experimentPlan, judgementOf, T0, verdictOn } from "../../support/experiments.ts";

const ID = experimentPlan().id;
const never = new AbortController().signal;

/** An experiment whose judge finds `signal` of go-app worse for good, on nodes under `pressure`. */
async function judged(
  signal: Signal,
  pressure?: (window: Window) => readonly NodePressure[],
  throttled?: (window: Window) => readonly ThrottledPod[],
) {
  const the = world();
  const run = await bench(the);
  const asked: Window[] = [];
  const found: Judgement = {
    ...judgementOf("persistent"),
    verdicts: [{ ...verdictOn("go-app/go-app", "persistent"), signal }],
    concerned: ["go-app/go-app"],
  };
  Object.assign(run.deps, { judge: { ...run.deps.judge, judge: async () => found } });
  if (pressure !== undefined)
    Object.assign(run.deps.metrics, {
      nodePressure: async (_nodes: readonly string[], window: Window) => {
        asked.push(window);
        return pressure(window);
      },
    });
  if (throttled !== undefined)
    Object.assign(run.deps.metrics, {
      throttled: async (_namespaces: readonly string[], window: Window) => throttled(window),
    });
  await run.step();
  replaced(the, T0 + 20 * SECOND_MS);
  await run.play(T0 + 3 * 60 * MINUTE_MS);
  const state = await run.deps.book.experiment(ID);
  const retention = () => ({ seenMs: 1, detailsMs: 1, journalMs: 1 });
  return { state, asked, deps: { ...run.deps, journal: run.journal, retention } };
}
const starvedSince = ({ fromMs }: Window): readonly NodePressure[] => [
  { node: "node-a", by: "waiting", share: fromMs >= T0 ? 0.8 : 0.05 },
];

describe("slow answers", () => {
  test("on a node that was short of CPU are unknown, open no damage, and replay as they were told", async () => {
    const { state, deps } = await judged("latency", starvedSince);
    expect(state.judgement?.headline).toBe("inconclusive");
    expect(state.judgement?.verdicts[0]?.verdict).toMatchObject({ why: "confounded" });
    const { again, differences } = await replay(deps, ID, never);
    expect([again.headline, differences]).toEqual(["inconclusive", []]);
  });

  test("are asked about in the times before, right after, and at the end", async () => {
    const { asked } = await judged("latency", starvedSince);
    const { beforeMs, earlyMs, lateMs } = experimentPlan().geometry;
    const [before, early, late] = asked.slice(0, 3);
    expect(before).toEqual({ fromMs: T0 - beforeMs, toMs: T0 });
    expect(early).toEqual({ fromMs: T0, toMs: T0 + earlyMs });
    expect(late!.toMs - late!.fromMs).toBe(lateMs);
    expect(late!.fromMs).toBeGreaterThan(T0);
  });

  test.each([
    { name: "a source that cannot tell", pressure: undefined },
    {
      name: "a source that does not answer",
      pressure: () => {
        throw new Error("away");
      },
    },
    { name: "nodes that nobody scrapes", pressure: () => [] },
  ])("stand with $name", async ({ pressure }) => {
    const { state } = await judged("latency", pressure as never);
    expect(state.judgement?.headline).toBe("persistent");
  });
});

test("nobody asks for the nodes when nothing was slow, and failures stand", async () => {
  const { state, asked } = await judged("failures", starvedSince);
  expect([state.judgement?.headline, asked]).toEqual(["persistent", []]);
});

describe("pods that their CPU limits hold back", () => {
  const calm = (): readonly NodePressure[] => [{ node: "node-a", by: "waiting", share: 0.05 }];
  const heldBack =
    (before: number, after: number, pod = "go-app-g2") =>
    ({ fromMs }: Window): readonly ThrottledPod[] => [
      { namespace: "go-app", pod, share: fromMs >= T0 ? after : before },
      { namespace: "another", pod, share: 1 },
    ];
  const notesOf = async (throttled: (window: Window) => readonly ThrottledPod[]) =>
    (await judged("latency", calm, throttled)).state.judgement?.notes.filter((note) => note.includes("CPU limit"));

  test("explain slow answers, and excuse nothing", async () => {
    const { state } = await judged("latency", calm, heldBack(0.02, 0.4));
    expect(state.judgement?.headline).toBe("persistent");
    expect(state.judgement?.notes).toContain(
      "A pod of go-app/go-app was held back by its CPU limit in 40 % of the time slices (before: 2 %); a higher limit would help.",
    );
  });

  test.each([
    { name: "as often as before", throttled: heldBack(0.3, 0.4) },
    { name: "seldom", throttled: heldBack(0, 0.2) },
    { name: "of another service", throttled: heldBack(0, 0.9, "repeater-r1") },
  ])("are not told when they were held back $name", async ({ throttled }) => {
    expect(await notesOf(throttled)).toEqual([]);
  });
});
