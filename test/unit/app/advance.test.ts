import { afterEach, describe, expect, test, vi } from "vitest";
import { advance } from "../../../src/app/experiment/advance.ts";
import { closeByHand } from "../../../src/app/experiment/close-or-cancel.ts";
import { planExperiment } from "../../../src/app/experiment/plan.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Bench, bench, replaced, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;

afterEach(() => void vi.restoreAllMocks());

describe("an injection", () => {
  test("is written down on the lease and in the journal before the call", async () => {
    const the = world();
    const run = await bench(the);
    the.injection = new Error("the answer is lost");
    await run.step();
    expect(the.intents).toMatchObject([{ experimentId: ID }, { experimentId: ID }]);
    expect(the.intents[1]).toEqual(the.intents[0]);
    expect(await run.kinds()).toEqual(["planned", "chosen", "intended"]);
    expect(the.orders).toHaveLength(1);
  });

  test("is made once, however often and by however many the experiment is advanced", async () => {
    const the = world();
    const run = await bench(the);
    const other = { ...run.deps };
    const signal = new AbortController().signal;
    await Promise.allSettled([run.step(), run.step(), advance(other, ID, signal), run.step()]);
    await run.step();
    expect(the.orders).toHaveLength(1);
  });

  test.each([
    { name: "done is observed like any other", wasDone: "done", kind: "injected-unsure" },
    { name: "not done is over", wasDone: "not-done", kind: "not-injected" },
  ] as const)("whose answer was lost is looked up and never repeated: $name", async ({ wasDone, kind }) => {
    const the = world();
    the.injection = new Error("the answer is lost");
    the.wasDone = wasDone;
    const run = await bench(the);
    await run.play(T0 + 19 * SECOND_MS);
    expect(await run.kinds()).not.toContain(kind);
    await run.play(T0 + 20 * SECOND_MS);
    expect(await run.kinds()).toContain(kind);
    expect(the.orders).toHaveLength(1);
  });

  test("that nobody can look up goes on as unsure after ten minutes", async () => {
    const the = world();
    the.injection = new Error("the answer is lost");
    const run = await bench(the);
    await run.play(T0 + 11 * MINUTE_MS);
    expect(await run.kinds()).toContain("injected-unsure");
    expect(the.orders).toHaveLength(1);
  });

  test.each([
    { name: "somebody else holds the lease", change: { holdsLease: false }, gate: "lease" },
    { name: "there is a halt", change: { halted: true }, gate: "halt" },
    {
      name: "Prometheus does not answer",
      change: { source: new AftershockError("source-unavailable", "away") },
      gate: "metrics",
    },
  ])("is refused when $name", async ({ change, gate }) => {
    const the: World = { ...world(), ...change };
    const run = await bench(the);
    expect(await run.step()).toBeNull();
    expect((await run.deps.book.experiment(ID)).refusal).toMatchObject({ gate });
    expect(the.orders).toHaveLength(0);
  });

  test("is not made when the worker died between choosing and injecting", async () => {
    const the = world();
    const run = await bench(the);
    the.injection = new Error("unused");
    const chosen = await run.deps.book.experiment(ID);
    const { podChoice } = await import("../../support/experiments.ts");
    await run.journal.append(`experiment/${ID}`, chosen.seq, [{ kind: "chosen", choice: podChoice() }], {
      atMs: T0,
      indexMs: T0,
      open: true,
    });
    // a run by hand that is choosing at this moment is not taken for dead
    const goneMs = await run.step();
    expect([goneMs, (await run.kinds()).at(-1)]).toEqual([chosen.plan!.slotMs + 60_000, "chosen"]);
    run.clock.moveTo(goneMs!);
    expect(await run.step()).toBeNull();
    expect((await run.kinds()).at(-1)).toBe("missed");
    expect(the.orders).toHaveLength(0);
  });

  test.each([
    { name: "removed", later: null, why: "was removed while the gates were asked" },
    { name: "lowered", later: "sham" as const, why: "in mode sham: nothing is injected" },
  ])("is not made for a policy that is $name while the gates are asked", async ({ later, why }) => {
    const the = world();
    const run = await bench(the);
    const armed = run.deps.policyOf(experimentPlan())!;
    let asked = 0;
    const policyOf = () => (asked++ === 0 ? armed : later === null ? null : { ...armed, mode: later });
    Object.assign(run.deps, { policyOf });
    await run.step();
    expect((await run.deps.book.experiment(ID)).refusal).toMatchObject({
      gate: later === null ? "policy" : "mode",
      why: expect.stringContaining(why),
    });
    expect(the.orders).toHaveLength(0);
  });

  test("is not made late", async () => {
    const the = world();
    const run = await bench(the);
    run.clock.moveTo(T0 + 61 * SECOND_MS);
    expect(await run.step()).toBeNull();
    expect((await run.kinds()).at(-1)).toBe("missed");
    expect(the.orders).toHaveLength(0);
  });

  test("is not made late because a gate took its time", async () => {
    const the = world();
    const run = await bench(the);
    run.deps.cluster.mayI = async (questions) => {
      run.clock.moveTo(T0 + 61 * SECOND_MS);
      return questions.map(() => true);
    };
    await run.step();
    expect((await run.deps.book.experiment(ID)).refusal).toMatchObject({ gate: "lateness" });
    expect(the.orders).toHaveLength(0);
  });

  /** A journal that takes its time to take the intent down; `meanwhile` happens in it. */
  async function slowIntent(the: World, meanwhile: (run: Bench) => void): Promise<Bench> {
    const run = await bench(the);
    const { append } = run.deps.journal;
    run.deps.journal.append = async (stream, afterSeq, events, options) => {
      await append(stream, afterSeq, events, options);
      if (events.some((event) => event.kind === "intended")) meanwhile(run);
    };
    const { noteIntent } = run.deps.lease;
    run.deps.lease.noteIntent = async (...note) => {
      if (the.halted || !the.holdsLease) throw new AftershockError("lease-lost", the.halted ? "halted" : "taken over");
      await noteIntent(...note);
    };
    await run.step();
    return run;
  }

  test.each([
    { name: "a halt was seen", world: { halted: true }, afterMs: 20 * SECOND_MS, why: "halted" },
    {
      name: "another replica took the lease",
      world: { holdsLease: false },
      afterMs: 40 * SECOND_MS,
      why: "taken over",
    },
    { name: "the slot passed", world: {}, afterMs: 61 * SECOND_MS, why: "too late, missed slots are not run" },
  ])("is not made when $name while the journal took the intent down", async ({ world: change, afterMs, why }) => {
    const the = world();
    const run = await slowIntent(the, ({ clock }) => {
      Object.assign(the, change);
      clock.moveTo(T0 + afterMs);
    });
    expect(the.orders).toHaveLength(0);
    const { phase, refusal } = await run.deps.book.experiment(ID);
    expect([phase, refusal?.why]).toEqual(["not-injected", expect.stringContaining(why)]);
  });

  test("is not made for a policy that was lowered while the journal took the intent down", async () => {
    const the = world();
    const run = await slowIntent(the, ({ deps }) => {
      const lowered = { ...deps.policyOf(experimentPlan())!, mode: "sham" as const };
      Object.assign(deps, { policyOf: () => lowered });
    });
    expect(the.orders).toHaveLength(0);
    expect(await run.kinds()).toEqual(["planned", "chosen", "intended", "not-injected"]);
  });

  test("is not made when whoever finds its intent may have looked it up already", async () => {
    const the = world();
    const deadline = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(deadline.signal);
    const run = await slowIntent(the, () => deadline.abort(new Error("the time for the call is over")));
    expect(the.orders).toHaveLength(0);
    expect((await run.deps.book.experiment(ID)).refusal?.why).toContain("the time for the call is over");
  });

  test("is never made for a sham, which is observed like any other", async () => {
    const the = world();
    const run = await bench(the, { sham: true });
    await run.play(T0 + HOUR_MS);
    expect(the.orders).toHaveLength(0);
    expect(await run.kinds()).toEqual(["planned", "chosen", "pretended", "cleared", "judged", "diagnosed", "notified"]);
  });
});

describe("an experiment", () => {
  test("that changes nothing is steady and silent", async () => {
    const the = world();
    const run = await bench(the);
    await run.step();
    replaced(the, T0 + 20 * SECOND_MS);
    await run.play(T0 + HOUR_MS);
    const state = await run.deps.book.experiment(ID);
    expect(state).toMatchObject({ phase: "done", judgement: { headline: "steady" }, clearHow: "replaced" });
    expect(the.notices).toHaveLength(0);
  });

  test("whose damage lasts stays open, closes the gate, and ends when the services are back", async () => {
    const the = world();
    the.failureShare = (_service, atMs) => (atMs >= T0 ? 0.5 : 0);
    const run = await bench(the);
    await run.step();
    replaced(the, T0 + 20 * SECOND_MS);
    await run.play(T0 + 20 * MINUTE_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({
      phase: "damaged",
      judgement: { headline: "persistent" },
    });
    expect(the.notices.map((notice) => notice.kind)).toEqual(["degraded"]);

    const curedMs = run.clock.nowMs();
    the.failureShare = (_service, atMs) => (atMs >= T0 && atMs < curedMs ? 0.5 : 0);
    await run.play(curedMs + HOUR_MS);
    const state = await run.deps.book.experiment(ID);
    expect(state.phase).toBe("done");
    expect(Math.abs((state.recoveredMs ?? 0) - curedMs)).toBeLessThanOrEqual(MINUTE_MS);
    expect(the.notices.map((notice) => notice.kind)).toEqual(["degraded", "recovered"]);
  });

  test("whose target never becomes whole is judged after fifteen minutes, and says so", async () => {
    const the = world();
    const run = await bench(the);
    await run.play(T0 + HOUR_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ clearHow: "late", phase: "done" });
  });

  /** One whose verdict waits for a metrics source that is away. */
  async function unjudged(the: World): Promise<Bench> {
    const run = await bench(the);
    await run.step();
    replaced(the, T0 + 20 * SECOND_MS);
    the.source = new AftershockError("source-unavailable", "range queries fail");
    await run.play(T0 + HOUR_MS);
    expect((await run.kinds()).at(-1)).toBe("cleared");
    return run;
  }

  /** What the next slot is answered, when only range queries fail. */
  async function nextSlot(run: Bench, the: World, atMs: number) {
    the.source = null;
    run.clock.moveTo(atMs);
    const plan = experimentPlan({ id: `next-${atMs}`, slotMs: atMs });
    await planExperiment(run.deps, plan);
    await run.step(plan.id);
    return (await run.deps.book.experiment(plan.id)).refusal;
  }

  test.each([{ days: 0 }, { days: 3 }, { days: 28 }])(
    "that could not be judged counts as open damage, $days days later, too",
    async ({ days }) => {
      const the = world();
      const run = await unjudged(the);
      const orders = the.orders.length;
      await run.play(T0 + HOUR_MS + days * DAY_MS);
      expect(await nextSlot(run, the, T0 + 2 * HOUR_MS + days * DAY_MS)).toEqual({
        gate: "active-experiment",
        why: expect.stringMatching(`experiment ${ID} could not be judged since .*close it: aftershock close`),
      });
      expect(the.orders).toHaveLength(orders);
    },
  );

  test("that could not be judged ends when somebody closes it, and not before", async () => {
    const the = world();
    const run = await unjudged(the);
    await closeByHand(run.deps, ID, "looked at the dashboards: all well", "ada");
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "done", closed: { by: "ada" } });
    expect(await nextSlot(run, the, T0 + 2 * HOUR_MS)).toBeNull();
  });

  /** One of whose services none, or not this one, was scraped after the fault. */
  async function unseen(the: World, service?: string): Promise<Bench> {
    const run = await bench(the);
    the.unseen = (one, atMs) => one === (service ?? one) && atMs >= T0;
    await run.step();
    replaced(the, T0 + 20 * SECOND_MS);
    await run.play(T0 + HOUR_MS);
    return run;
  }

  test("that nobody saw the end of is unknown damage: the gate names it and how to close it", async () => {
    const the = world();
    const run = await unseen(the);
    expect((await run.kinds()).at(-1)).toBe("cleared");
    expect(await nextSlot(run, the, T0 + 2 * HOUR_MS)).toEqual({
      gate: "active-experiment",
      why: expect.stringMatching(`experiment ${ID} could not be judged since .*close it: aftershock close`),
    });
    expect(the.orders).toHaveLength(1);
    await closeByHand(run.deps, ID, "looked at the dashboards: all well", "ada");
    expect(await nextSlot(run, the, T0 + 3 * HOUR_MS)).toBeNull();
  });

  test("that nobody saw the end of is judged when the missing counts come after all", async () => {
    const the = world();
    const run = await unseen(the);
    the.unseen = () => false;
    await run.play(T0 + 2 * HOUR_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "done", judgement: { headline: "steady" } });
  });

  test("is judged by the services that were seen when another one was not", async () => {
    const the = world();
    const run = await unseen(the, "go-app/go-app");
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "done" });
  });

  test("a sham that nobody saw the end of is no damage", async () => {
    const the = world();
    const run = await bench(the, { sham: true });
    the.unseen = (_service, atMs) => atMs >= T0;
    await run.play(T0 + HOUR_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ judgement: { headline: "inconclusive" } });
  });

  test("that is still observed cannot be closed: nobody knows yet", async () => {
    const the = world();
    const run = await bench(the);
    await run.step();
    replaced(the, T0 + 20 * SECOND_MS);
    await run.play(T0 + MINUTE_MS);
    await expect(closeByHand(run.deps, ID, "no", "ada")).rejects.toMatchObject({ code: "usage" });
  });

  test("is judged when the source is back, however late", async () => {
    const the = world();
    const run = await unjudged(the);
    await run.play(T0 + 3 * DAY_MS);
    the.source = null;
    await run.play(T0 + 3 * DAY_MS + HOUR_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "done", judgement: { headline: "steady" } });
  });

  test("whose damage is open is never closed by its age", async () => {
    const the = world();
    the.failureShare = (_service, atMs) => (atMs >= T0 ? 0.5 : 0);
    const run = await bench(the);
    await run.step();
    replaced(the, T0 + 20 * SECOND_MS);
    await run.play(T0 + 30 * DAY_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "damaged", closed: null });
  });

  test("asks Slack again as late as Slack wants, and gives old news up", async () => {
    const the = world();
    the.failureShare = (_service, atMs) => (atMs >= T0 ? 0.5 : 0);
    the.delivery = new AftershockError("notify-failed", "429", { retryable: true, retryAfterMs: 7_000 });
    const run = await bench(the);
    await run.step();
    replaced(the, T0 + 20 * SECOND_MS);
    await run.play(T0 + 15 * MINUTE_MS);
    const nowMs = run.clock.nowMs();
    expect(await run.step()).toBe(nowMs + 7_000);
    the.delivery = new AftershockError("notify-failed", "404 no_service");
    await run.step();
    const told = (await run.journal.read(`experiment/${ID}`)).find((entry) => entry.event.kind === "notified");
    expect(told?.event).toMatchObject({ news: [`${ID}:degraded (not delivered)`] });
  });

  test("takes a standing fault back when its time is over, and again until it succeeds", async () => {
    const the = world();
    const run = await bench(the);
    const armed = {
      ...run.deps,
      policyOf: () => ({
        ...run.deps.policyOf(experimentPlan())!,
        faults: [
          { weight: 1, fault: { kind: "http-abort", durationMs: MINUTE_MS, httpStatus: 503, percent: 50 } as const },
        ],
      }),
    };
    let failures = 2;
    armed.injector = {
      ...run.deps.injector,
      undo: async (order) => {
        if (failures-- > 0) throw new Error("409");
        the.undone.push(order);
      },
    };
    const signal = new AbortController().signal;
    for (
      let dueMs = await advance(armed, ID, signal);
      dueMs !== null && dueMs < T0 + HOUR_MS;
      dueMs = await advance(armed, ID, signal)
    )
      run.clock.moveTo(dueMs);
    expect(the.orders).toHaveLength(1);
    expect(the.undone).toHaveLength(1);
    const undone = (await run.journal.read(`experiment/${ID}`)).find((entry) => entry.event.kind === "undone");
    expect(undone?.atMs).toBeLessThanOrEqual(T0 + MINUTE_MS + 10 * SECOND_MS);
  });
});

test("a drain is over only when every workload that lost pods has them back", async () => {
  const the = world();
  the.faults = [{ fault: { kind: "node-drain", durationMs: 2 * MINUTE_MS }, weight: 1 }];
  const run = await bench(the);
  await run.step();
  const { target } = the.orders[0]!;
  expect(target.lost?.length).toBeGreaterThan(1);
  const uids = new Set(target.pods.map(({ uid }) => uid));
  const drained = the.cluster;
  the.cluster = { ...drained, pods: drained.pods.filter(({ uid }) => !uids.has(uid)) };
  const back = (names: readonly string[]) => {
    const reborn = drained.pods.flatMap((pod) =>
      uids.has(pod.uid) && names.includes(pod.workload.name)
        ? [{ ...pod, uid: `${pod.uid}-2`, createdAtMs: T0 + MINUTE_MS, readySinceMs: T0 + 2 * MINUTE_MS }]
        : [],
    );
    the.cluster = { ...drained, pods: [...drained.pods.filter(({ uid }) => !uids.has(uid)), ...reborn] };
  };
  back([target.workload.name]);
  await run.play(T0 + 4 * MINUTE_MS);
  expect(await run.kinds()).not.toContain("cleared");
  back(target.lost!.map(({ workload }) => workload.name));
  run.clock.moveTo(T0 + 4 * MINUTE_MS);
  await run.play(T0 + 5 * MINUTE_MS);
  expect(await run.kinds()).toContain("cleared");
});
