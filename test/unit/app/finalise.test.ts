import { describe, expect, test } from "vitest";
import { knownFindings } from "../../../src/app/diagnose/diagnose.ts";
import { type AdvanceDeps, advance } from "../../../src/app/experiment/advance.ts";
import { closeByHand } from "../../../src/app/experiment/close-or-cancel.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import type { ExperimentState } from "../../../src/core/model/experiment.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Bench, bench, replaced, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";
import { shippedRules } from "../../support/rules.ts";
import { judgement, recovered, signalVerdict } from "../../support/story.ts";
import { experiment } from "../../support/week.ts";

const ID = experimentPlan().id;
const signal = new AbortController().signal;
/** The instant was drawn from five hours. */
const FIVE_HOURS = { fromMs: T0 - 2 * HOUR_MS, toMs: T0 + 3 * HOUR_MS, count: 300 };
const FINAL_MS = FIVE_HOURS.toMs + 9 * MINUTE_MS;

/** Three bad minutes every half an hour, whatever is done. */
const restless = (_service: string, atMs: number) =>
  (atMs - T0 + 3 * DAY_MS) % (30 * MINUTE_MS) < 3 * MINUTE_MS ? 0.5 : 0;
/** Three bad minutes, once. */
const hurt = (_service: string, atMs: number) => (atMs >= T0 && atMs < T0 + 3 * MINUTE_MS ? 0.5 : 0);

/** Two weeks ago the same fault on `on` made go-app fail. */
const suspicion = (on: string): ExperimentState =>
  experiment({
    slotMs: T0 - 14 * DAY_MS,
    on,
    judged: judgement([signalVerdict("go-app", "failures", recovered(24_000), { p: 1e-4 })]),
  });

interface Told {
  readonly run: Bench;
  readonly deps: AdvanceDeps;
  play(untilMs: number): Promise<void>;
}

/** An experiment that was judged and told, with a history of two days that can be asked for. */
async function told(
  the: World,
  candidates = FIVE_HOURS,
  changes: Partial<AdvanceDeps> = {},
  planned: { readonly sham?: boolean } = {},
  earlier: readonly ExperimentState[] = [],
): Promise<Told> {
  const run = await bench(the, { candidates, ...planned });
  const deps: AdvanceDeps = {
    ...run.deps,
    book: {
      ...run.deps.book,
      between: async (fromMs, toMs) => [...earlier, ...(await run.deps.book.between(fromMs, toMs))],
    },
    rules: shippedRules(),
    history: {
      refresh: async () => undefined,
      async upTo(toMs, stepMs) {
        const endMs = Math.floor(Math.min(toMs, run.clock.nowMs() - 2 * stepMs) / stepMs) * stepMs;
        const steps = Math.round((2 * DAY_MS) / stepMs);
        return run.deps.metrics.history({ startMs: endMs - steps * stepMs, stepMs, steps }, signal);
      },
    },
    // the week before says nothing here: the window's own steps decide
    judge: { ...run.deps.judge, judge: (input, stop) => run.deps.judge.judge({ ...input, history: null }, stop) },
    ...changes,
  };
  const play = async (untilMs: number) => {
    for (let dueMs = await advance(deps, ID, signal); dueMs !== null && dueMs <= untilMs; ) {
      run.clock.moveTo(Math.max(dueMs, run.clock.nowMs()));
      dueMs = await advance(deps, ID, signal);
    }
  };
  await advance(deps, ID, signal);
  replaced(the, T0 + 20 * SECOND_MS);
  await play(T0 + HOUR_MS);
  return { run, deps, play };
}

describe("a provisional verdict", () => {
  test("is told at once, marked, and stands silently when the other instants look better", async () => {
    const the = { ...world(), failureShare: hurt };
    const { run, play } = await told(the);
    expect(await run.deps.book.experiment(ID)).toMatchObject({
      phase: "provisional",
      judgement: { headline: "transient" },
    });
    expect(the.notices[0]?.context).toContainEqual(expect.stringContaining("Provisional"));
    await play(FINAL_MS);
    const state = await run.deps.book.experiment(ID);
    expect(state).toMatchObject({ phase: "done", provisional: false, judgement: { headline: "transient" } });
    expect(state.judgement?.verdicts.some((v) => (v.designP ?? 1) <= 0.05)).toBe(true);
    expect(the.notices.map((notice) => notice.kind)).toEqual(["degraded"]);
  });

  test("is withdrawn, with what was concluded from it, when it looks as bad at many other instants; that is told once", async () => {
    const the = { ...world(), failureShare: restless };
    const { run, deps, play } = await told(the);
    expect((await knownFindings(run.deps)).size).toBeGreaterThan(0);
    await play(FINAL_MS);
    const state = await run.deps.book.experiment(ID);
    expect(state).toMatchObject({ phase: "done", judgement: { headline: "steady" } });
    expect(the.notices.map((notice) => notice.kind)).toEqual(["degraded", "withdrawn"]);
    expect(the.notices[1]?.title).toContain("not because of the experiment after all");
    const left = state.findings.map(({ fingerprint }) => fingerprint).toSorted();
    expect([...(await knownFindings(run.deps)).keys()].toSorted()).toEqual(left);
    expect(await advance(deps, ID, signal)).toBeNull();
    expect(the.notices).toHaveLength(2);
  });

  test("that nobody was told of is withdrawn without a word", async () => {
    const the: World = { ...world(), failureShare: restless };
    the.delivery = new AftershockError("notify-failed", "404 no_service");
    const { run, play } = await told(the);
    the.delivery = "sent";
    await play(FINAL_MS);
    expect((await run.deps.book.experiment(ID)).judgement?.headline).toBe("steady");
    expect(the.notices).toEqual([]);
  });

  test("waits for a history that cannot be brought up to date, and stands after a day without one", async () => {
    const the = { ...world(), failureShare: restless };
    const { run, play } = await told(the, FIVE_HOURS, {
      history: { upTo: async () => null, refresh: async () => undefined },
    });
    await play(FINAL_MS + HOUR_MS);
    expect((await run.deps.book.experiment(ID)).phase).toBe("provisional");
    await play(FINAL_MS + 2 * DAY_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "done", judgement: { headline: "transient" } });
    expect(the.notices).toHaveLength(1);
  });

  test("on damage that is still there keeps nobody from seeing that it recovered, while its history cannot be brought up to date", async () => {
    let back = false;
    const the: World = { ...world(), failureShare: (_service, atMs) => (atMs >= T0 && !back ? 0.5 : 0) };
    const { run, play } = await told(the, FIVE_HOURS, {
      history: { upTo: async () => null, refresh: async () => undefined },
    });
    await play(FINAL_MS + HOUR_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "damaged", provisional: true });
    const looks = (await run.kinds()).filter((kind) => kind === "still-down").length;
    back = true;
    await play(FINAL_MS + 4 * HOUR_MS);
    expect(looks).toBeGreaterThan(0);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "provisional", provisional: true });
    expect(the.notices.map((notice) => notice.kind)).toContain("recovered");
    await play(FINAL_MS + 2 * DAY_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "done", provisional: false });
  });

  test("whose damage somebody closed opens the gate and is compared with the other instants all the same", async () => {
    const the: World = { ...world(), failureShare: (_service, atMs) => (atMs >= T0 ? 0.5 : 0) };
    const { run, play } = await told(the);
    expect((await run.deps.book.damaged()).map(({ plan }) => plan?.id)).toEqual([ID]);
    await closeByHand(run.deps, ID, "we live with it", "ada");
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "provisional", provisional: true });
    expect(await run.deps.book.damaged()).toEqual([]);
    await play(FINAL_MS + 2 * DAY_MS);
    const closed = { why: "we live with it", by: "ada" };
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "done", provisional: false, closed });
  });

  test("survives a worker that dies between telling and writing down: the next one says the same", async () => {
    const the = { ...world(), failureShare: restless };
    const { run, deps, play } = await told(the);
    const dying: AdvanceDeps = {
      ...deps,
      journal: {
        ...deps.journal,
        append: async (stream, ...rest) => {
          if (stream.startsWith("experiment/")) throw new Error("killed");
          await deps.journal.append(stream, ...rest);
        },
      },
    };
    run.clock.moveTo(FINAL_MS);
    await expect(advance(dying, ID, signal)).rejects.toThrow("killed");
    await play(FINAL_MS);
    expect(new Set(the.notices.slice(1).map((notice) => notice.key))).toEqual(new Set([`${ID}:withdrawn`]));
    expect((await run.kinds()).filter((kind) => kind === "finalised")).toHaveLength(1);
    const events = run.journal.entries().filter((entry) => entry.event.kind === "withdrawn");
    expect(new Set(events.map((entry) => entry.stream)).size).toBe(events.length);
  });

  test("is withdrawn in the records of its findings, also when another experiment writes into one at the same moment", async () => {
    const the = { ...world(), failureShare: restless };
    const { run, deps, play } = await told(the);
    const { append } = run.deps.journal;
    const crossed: string[] = [];
    deps.journal.append = async (stream, afterSeq, [event, ...rest], options) => {
      if (event?.kind === "withdrawn" && !crossed.includes(stream)) {
        crossed.push(stream);
        const other = { ...event, kind: "seen" as const, experimentId: "another", status: "known" as const };
        await append(stream, afterSeq, [other], { ...options, open: true });
      }
      await append(stream, afterSeq, event === undefined ? rest : [event, ...rest], options);
    };
    await play(FINAL_MS);
    expect(crossed.length).toBeGreaterThan(0);
    for (const stream of crossed) {
      const events = (await run.journal.read(stream)).map(({ event }) => event);
      expect(events).toContainEqual(expect.objectContaining({ kind: "withdrawn", experimentId: ID }));
      expect(await run.journal.listOpen("finding")).toContain(stream);
    }
  });

  test.each([
    { name: "a sham", sham: true, before: false },
    { name: "an experiment whose fault is suspected already", sham: false, before: true },
  ])(
    "or none: $name waits for the end of its stretch as well, keeps what its minutes scored, and tells nobody",
    async ({ sham, before }) => {
      const the = world();
      const { run, play } = await told(
        the,
        { ...FIVE_HOURS, count: 60 },
        {},
        { sham },
        before ? ["repeater", "go-app", "go-app-db"].map(suspicion) : [],
      );
      expect(await run.deps.book.experiment(ID)).toMatchObject({
        phase: "provisional",
        provisional: false,
        judgement: { headline: "steady" },
      });
      expect(await run.deps.book.damaged()).toEqual([]);
      await play(FINAL_MS);
      const state = await run.deps.book.experiment(ID);
      expect(state).toMatchObject({ phase: "done", compared: false });
      expect(state.minutes.map(({ test: of }) => of)).toEqual([
        sham ? null : { service: "go-app/go-app", signal: "failures" },
      ]);
      expect(the.notices).toEqual([]);
    },
  );

  test.each([
    { name: "with fewer than 240 instants to draw from", candidates: { ...FIVE_HOURS, count: 239 } },
    { name: "when a person chose the instant", manual: true, candidates: FIVE_HOURS },
  ])("is none $name", async ({ candidates, manual = false }) => {
    const the = { ...world(), failureShare: restless };
    const run = await bench(the, { candidates, manual });
    await run.step();
    replaced(the, T0 + 20 * SECOND_MS);
    await run.play(T0 + HOUR_MS);
    expect(await run.deps.book.experiment(ID)).toMatchObject({ phase: "done", provisional: false });
    expect(the.notices[0]?.context.join()).not.toContain("Provisional");
  });
});
