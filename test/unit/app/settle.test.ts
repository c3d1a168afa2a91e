import { describe, expect, test } from "vitest";
import { advance } from "../../../src/app/experiment/advance.ts";
import { settleIntent } from "../../../src/app/inject/settle-intent.ts";
import { stop } from "../../../src/app/inject/stop.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Bench, bench, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;

test.each([
  { name: "an hour ahead", id: "ahead", aheadMs: HOUR_MS },
  { name: "an hour behind", id: "behind", aheadMs: -HOUR_MS },
])(
  "whose call may be under way is left alone for as long as a call may take, also by a clock $name",
  async ({ id, aheadMs }) => {
    const the = world();
    the.injection = new Error("the answer is lost");
    the.wasDone = "not-done";
    const run = await bench(the, { id });
    const calling = run.deps.injector.inject;
    let other: unknown = null;
    // another replica looks at the experiment while the first one is calling
    run.deps.injector.inject = async (order, signal) => {
      run.clock.moveTo(T0 + aheadMs);
      other = await settleIntent(run.deps, id, await run.deps.book.experiment(id), signal);
      return calling(order, signal);
    };
    await run.step(id);
    expect(other).toEqual({ untilMs: T0 + aheadMs + 5 * SECOND_MS });
    expect(await run.kinds(id)).not.toContain("not-injected");
  },
);

describe("an intent without an outcome", () => {
  /** The process that called is gone. */
  async function left(the: World): Promise<Bench> {
    the.injection = new Error("the answer is lost");
    the.wasDone = "not-done";
    const run = await bench(the);
    await run.step();
    expect((await run.kinds()).at(-1)).toBe("intended");
    return run;
  }

  /** A process that lives for `ms`. */
  async function lives(run: Bench, ms: number): Promise<void> {
    const until = run.clock.monotonicMs() + ms;
    const born = { ...run.deps, clock: { ...run.clock } };
    const { signal } = new AbortController();
    for (;;) {
      const dueMs = await advance(born, ID, signal);
      if (dueMs === null || run.clock.monotonicMs() >= until) return;
      await run.clock.sleep(Math.max(1, Math.min(dueMs - run.clock.nowMs(), until - run.clock.monotonicMs())), signal);
    }
  }

  test.each([
    { name: "clocks that agree", setMs: 0 },
    { name: "clocks an hour ahead", setMs: HOUR_MS },
    { name: "clocks an hour behind", setMs: -HOUR_MS },
  ])(
    "is settled by processes that live for seconds, with $name, and not before its call must be over",
    async ({ setMs }) => {
      const the = world();
      const run = await left(the);
      const beganMs = run.clock.monotonicMs();
      for (let i = 0; i < 10 && !(await run.kinds()).includes("not-injected"); i++) {
        run.clock.setBy(i % 2 === 0 ? setMs : -setMs);
        await lives(run, 6 * SECOND_MS);
      }
      expect(await run.kinds()).toContain("not-injected");
      expect(run.clock.monotonicMs() - beganMs).toBeGreaterThanOrEqual(20 * SECOND_MS);
      expect(run.clock.monotonicMs() - beganMs).toBeLessThanOrEqual(40 * SECOND_MS);
    },
  );

  test("that is stopped stays stopped, whoever settles it", async () => {
    const the = world();
    const run = await left(the);
    const fault = { kind: "http-abort", durationMs: HOUR_MS, httpStatus: 503, percent: 50 } as const;
    const state = await run.deps.book.experiment(ID);
    const standing = { ...state, choice: { ...state.choice!, fault } };
    const book = { ...run.deps.book, experiment: async () => standing };
    await stop({ ...run.deps, book }, ID, { why: "halted: fire", by: "ada" }, new AbortController().signal);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "intended", closed: { by: "ada" } });
    expect(the.undone).toHaveLength(1);
  });
});

test("tries to take a fault back are counted over processes, and rarely written down", async () => {
  const the = world();
  const run = await bench(the);
  const before = run.deps.policyOf(experimentPlan())!;
  const fault = { kind: "http-abort", durationMs: MINUTE_MS, httpStatus: 503, percent: 50 } as const;
  Object.assign(run.deps, { policyOf: () => ({ ...before, faults: [{ weight: 1, fault }] }) });
  const undo = run.deps.injector.undo;
  run.deps.injector.undo = () => Promise.reject(new Error("503"));
  await run.step();
  await run.play(T0 + MINUTE_MS + 100 * SECOND_MS);
  const failures = (await run.kinds()).filter((kind) => kind === "undo-failed");
  expect(failures.length).toBeGreaterThan(3);
  expect(failures.length).toBeLessThan(10);
  run.deps.injector.undo = undo;
  await advance({ ...run.deps, clock: { ...run.clock } }, ID, new AbortController().signal);
  const undone = (await run.journal.read(`experiment/${ID}`)).find(({ event }) => event.kind === "undone");
  expect(undone?.event).toMatchObject({
    notes: [expect.stringMatching(/^\d+ tries failed before, the last one with: 503$/)],
  });
});
