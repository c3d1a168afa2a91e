import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/experiment/advance.ts";
import { cancelByHand } from "../../../src/app/experiment/close-or-cancel.ts";
import { planExperiment } from "../../../src/app/experiment/plan.ts";
import { bookOf } from "../../../src/app/records/experiment-reader.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import type { ExperimentEvent, ExperimentPlan } from "../../../src/core/model/experiment.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Bench, bench, replaced, type World, world } from "../../support/app.ts";
import { experimentPlan, podChoice, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;
const geometry = { ...experimentPlan().geometry, lateMs: 10 * MINUTE_MS, extensionMs: 30 * MINUTE_MS };
/** Whole again within a minute, two of grace, ten late. */
const END_MS = T0 + 13 * MINUTE_MS;

const failingUntil = (minutes: number): World["failureShare"] => {
  return (_service, atMs) => (atMs >= T0 && atMs < T0 + minutes * MINUTE_MS ? 0.5 : 0);
};

/**
 * An experiment that was injected and is whole again; its services fail until so many minutes
 * after.
 */
async function observed(minutes: number, changes: Partial<ExperimentPlan> = {}): Promise<{ the: World; run: Bench }> {
  const the = world();
  the.failureShare = failingUntil(minutes);
  const run = await bench(the, { geometry, ...changes });
  await run.step();
  replaced(the, T0 + 20 * SECOND_MS);
  return { the, run };
}

const events = async (run: Bench): Promise<readonly ExperimentEvent[]> =>
  (await run.journal.read(`experiment/${ID}`)).map((entry) => entry.event as ExperimentEvent);
const extensions = async (run: Bench) => (await events(run)).filter((event) => event.kind === "extended");
/** go-app is rolled out now. */
const rollOut = (the: World, atMs: number): void => {
  const workloads = the.cluster.workloads.map((one) => (one.name === "go-app" ? { ...one, rolledOutAtMs: atMs } : one));
  the.cluster = { ...the.cluster, workloads };
};

describe("damage at the planned end", () => {
  test("that clearly stays is told at once", async () => {
    const { the, run } = await observed(Number.POSITIVE_INFINITY);
    await run.play(END_MS + 2 * MINUTE_MS);
    expect(await extensions(run)).toEqual([]);
    expect(the.notices.map(({ kind }) => kind)).toEqual(["degraded"]);
    expect(await run.deps.book.experiment(ID)).toMatchObject({
      phase: "damaged",
      judgement: { headline: "persistent" },
    });
  });

  test("that is on its way back is observed for longer, and told once, as a slow recovery", async () => {
    const { the, run } = await observed(10);
    await run.play(END_MS + 2 * MINUTE_MS);
    expect(the.notices).toEqual([]);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "cleared", judgement: null });
    await run.play(T0 + 2 * HOUR_MS);
    expect(await extensions(run)).toMatchObject([
      { toMs: END_MS + 10 * MINUTE_MS, why: expect.stringContaining("on the way back") },
    ]);
    expect(the.notices.map(({ kind }) => kind)).toEqual(["degraded"]);
    const state = await run.deps.book.experiment(ID);
    expect(state).toMatchObject({ phase: "done", judgement: { headline: "slow-recovery", sourceRequests: 2 } });
    expect(the.notices[0]?.context).toContainEqual(expect.stringContaining("Observed for longer than planned"));
    expect((await run.deps.archive.observation(ID))?.grid.steps).toBe(10 + 23);
  });

  test("that is on its way back is told as it is when no extension is allowed", async () => {
    const { run } = await observed(10, { geometry: { ...geometry, extensionMs: 0 } });
    await run.play(END_MS + 2 * MINUTE_MS);
    expect(await extensions(run)).toEqual([]);
    expect(await run.deps.book.experiment(ID)).toMatchObject({
      phase: "damaged",
      judgement: { headline: "persistent" },
    });
  });

  test("that comes and goes is observed no longer than half an hour more", async () => {
    const { the, run } = await observed(0);
    the.failureShare = (_service, atMs) => (atMs >= T0 && Math.floor((atMs - T0) / (2 * MINUTE_MS)) % 5 < 3 ? 0.5 : 0);
    await run.play(T0 + HOUR_MS);
    for (const { toMs } of await extensions(run)) expect(toMs).toBeLessThanOrEqual(END_MS + 30 * MINUTE_MS);
    expect(await run.kinds()).toContain("judged");
  });
});

test("no other experiment begins between the end of an observation and its verdict, which may say that it goes on", async () => {
  const { run } = await observed(10);
  await run.play(END_MS);
  run.clock.moveTo(END_MS + 30 * SECOND_MS);
  const next = experimentPlan({ id: "next", slotMs: run.clock.nowMs(), geometry });
  await planExperiment(run.deps, next);
  await run.step(next.id);
  expect((await run.deps.book.experiment(next.id)).refusal).toMatchObject({ gate: "active-experiment" });
});

test("a provisional verdict that comes after the stretch of its instants is compared with them at once", async () => {
  const candidates = { fromMs: T0 - 5 * HOUR_MS, toMs: T0 + 5 * MINUTE_MS, count: 305 };
  const { run } = await observed(10, { candidates });
  await run.play(T0 + 2 * 24 * HOUR_MS);
  expect((await run.kinds()).slice(-5)).toEqual(["extended", "judged", "diagnosed", "notified", "finalised"]);
  expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "done", judgement: { headline: "slow-recovery" } });
});

describe("while an observation is extended", () => {
  test("a worker that starts goes on with the same end", async () => {
    const { run } = await observed(10);
    await run.play(END_MS + 2 * MINUTE_MS);
    const restarted = { ...run.deps, book: bookOf(run.journal) };
    expect(await advance(restarted, ID, new AbortController().signal)).toBe(END_MS + 11 * MINUTE_MS);
    expect(await restarted.book.experiment(ID)).toEqual(await run.deps.book.experiment(ID));
  });

  test("the next slot is refused, and told why and until when", async () => {
    const { run } = await observed(10);
    await run.play(END_MS + 2 * MINUTE_MS);
    const next = experimentPlan({ id: "next", slotMs: run.clock.nowMs(), geometry });
    await planExperiment(run.deps, next);
    await run.step(next.id);
    const { refusal } = await run.deps.book.experiment(next.id);
    expect(refusal?.gate).toBe("active-experiment");
    expect(refusal?.why).toMatch(/still being observed until 2026-03-06 09:38:00 UTC: .* on the way back/);
  });

  test("a cancellation ends it: it is judged at once, as it was at its planned end", async () => {
    const { run } = await observed(10);
    await run.play(END_MS + 2 * MINUTE_MS);
    await cancelByHand(run.deps, ID, "enough", "ana");
    await run.step();
    expect(await run.deps.book.experiment(ID)).toMatchObject({
      phase: "damaged",
      judgement: { headline: "persistent" },
    });
    expect(await extensions(run)).toHaveLength(1);
  });

  test("a rollout that may have mended it ends it, is told as damage, and is named as its cure", async () => {
    const { the, run } = await observed(10);
    await run.play(END_MS + 2 * MINUTE_MS);
    rollOut(the, END_MS - 4 * MINUTE_MS);
    await run.play(T0 + 2 * HOUR_MS);
    expect((await run.kinds()).slice(-7)).toEqual([
      "extended",
      "curtailed",
      "judged",
      "diagnosed",
      "notified",
      "recovered",
      "recovery-notified",
    ]);
    const state = await run.deps.book.experiment(ID);
    expect(state).toMatchObject({ judgement: { headline: "persistent" }, cure: expect.stringContaining("rollout") });
    expect(the.notices.map(({ kind }) => kind)).toEqual(["degraded", "recovered"]);
  });

  test("a cluster that does not answer is no proof that nobody mended it", async () => {
    const { run } = await observed(10);
    const broken = {
      ...run.deps.cluster,
      snapshot: () => Promise.reject(new AftershockError("cluster-unavailable", "refused")),
    };
    await run.play(END_MS);
    Object.assign(run.deps, { cluster: broken });
    await run.play(END_MS + 2 * MINUTE_MS);
    expect(await extensions(run)).toEqual([]);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ judgement: { headline: "persistent" } });
  });
});

describe("an extension is not begun", () => {
  test("when something was rolled out in the late window", async () => {
    const { the, run } = await observed(10);
    await run.play(END_MS);
    rollOut(the, END_MS - 4 * MINUTE_MS);
    await run.play(END_MS + 2 * MINUTE_MS);
    expect(await extensions(run)).toEqual([]);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "damaged" });
  });

  test("when another experiment began meanwhile", async () => {
    const { the, run } = await observed(10);
    the.source = new AftershockError("source-unavailable", "connection refused");
    await run.play(END_MS + 10 * MINUTE_MS);
    the.source = null;
    const other = experimentPlan({ id: "other", slotMs: run.clock.nowMs(), geometry });
    // an installation of an older version, say: a gate of ours does not let it through
    const t0Ms = other.slotMs;
    await run.journal.append(
      `experiment/${other.id}`,
      0,
      [
        { kind: "planned", plan: other },
        { kind: "chosen", choice: podChoice() },
        { kind: "intended", t0Ms },
        { kind: "injected", t0Ms },
      ],
      { atMs: t0Ms, indexMs: t0Ms, open: true },
    );
    await run.play(run.clock.nowMs() + MINUTE_MS);
    expect(await extensions(run)).toEqual([]);
    expect(await run.kinds()).toContain("judged");
  });
});
