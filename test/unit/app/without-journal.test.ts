import { describe, expect, test } from "vitest";
import { endOverdue } from "../../../src/app/inject/end-overdue.ts";
import { restoreLost } from "../../../src/app/inject/restore-intent.ts";
import { stop } from "../../../src/app/inject/stop.ts";
import { sweep } from "../../../src/app/worker/sweep.ts";
import { AftershockError } from "../../../src/core/model/error.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Bench, bench, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;
const ABORT = { kind: "http-abort", durationMs: 5 * MINUTE_MS, httpStatus: 503, percent: 50 } as const;
const never = new AbortController().signal;
const away = () => Promise.reject(new AftershockError("storage-unavailable", "no answer", { retryable: true }));

async function armed(the: World): Promise<Bench> {
  the.faults = [{ weight: 1, fault: ABORT }];
  return bench(the);
}

/** The journal, which can be away. */
function losable(run: Bench) {
  const { append, read, listOpen } = run.journal;
  return {
    lose: () => Object.assign(run.journal, { append: away, read: away, listOpen: away }),
    back: () => Object.assign(run.journal, { append, read, listOpen }),
  };
}

/** Sleeps pass the bench's time; the loop ends after `untilMs`. */
async function passing(run: Bench, untilMs: number): Promise<void> {
  const over = new AbortController();
  const clock = run.deps.clock;
  const sleep = clock.sleep;
  clock.sleep = async (ms, signal) => {
    await sleep(ms, signal);
    if (clock.nowMs() >= untilMs) over.abort();
  };
  await endOverdue(run.deps, over.signal);
  clock.sleep = sleep;
}

describe("while the journal is away", () => {
  test("a fault ends at its time, and the journal is told when, once it is back", async () => {
    const the = world();
    const run = await armed(the);
    await run.step();
    const journal = losable(run);
    journal.lose();
    await passing(run, T0 + 5 * MINUTE_MS);
    expect(the.undone).toHaveLength(0);
    await passing(run, T0 + 10 * MINUTE_MS);
    expect(the.undone).toHaveLength(1);
    journal.back();
    await run.step();
    const undone = (await run.journal.read(`experiment/${ID}`))
      .map(({ event }) => event)
      .find((e) => e.kind === "undone");
    expect(undone).toMatchObject({
      atMs: expect.toSatisfy((ms: number) => ms - T0 - 5 * MINUTE_MS <= 10 * SECOND_MS),
      notes: ["it was taken back at its time, while the journal did not answer"],
    });
  });

  test("so does one whose call the journal never heard of, and its journal says that it was done", async () => {
    const the = world();
    const run = await armed(the);
    const { inject } = run.deps.injector;
    const journal = losable(run);
    run.deps.injector.inject = async (order, signal) => {
      const result = await inject(order, signal);
      journal.lose();
      return result;
    };
    await expect(run.step()).rejects.toMatchObject({ code: "storage-unavailable" });
    expect(the.settled.get(ID)).toBe("injected");
    await passing(run, T0 + 6 * MINUTE_MS);
    expect(the.undone).toHaveLength(1);
    journal.back();
    the.wasDone = "not-done";
    await run.step();
    expect((await run.kinds()).slice(2, 5)).toEqual(["intended", "injected", "undone"]);
  });

  test("a sweep takes back what has expired, and the lease keeps that an unanswered call acted", async () => {
    const the = world();
    the.injection = new Error("no answer");
    const run = await armed(the);
    await run.step();
    losable(run).lose();
    the.wasDone = "done";
    const spared: boolean[] = [];
    run.deps.injector.sweep = async (_nowMs, alive) => {
      spared.push(alive(ID));
      return ["fault"];
    };
    run.clock.moveTo(T0 + 6 * MINUTE_MS - SECOND_MS);
    await expect(sweep(run.deps, never)).rejects.toMatchObject({ code: "storage-unavailable" });
    expect(the.settled.size).toBe(0);
    run.clock.moveTo(T0 + 6 * MINUTE_MS + SECOND_MS);
    await expect(sweep(run.deps, never)).rejects.toMatchObject({ code: "storage-unavailable" });
    expect(the.settled.get(ID)).toBe("unsure");
    expect(spared).toEqual([true, true]);
  });
});

test("a process that is told to end in its call waits a moment for the answer, and writes it down", async () => {
  const the = world();
  const run = await armed(the);
  const ending = new AbortController();
  const { inject } = run.deps.injector;
  run.deps.injector.inject = (order, signal) => {
    ending.abort(new Error("SIGTERM"));
    const cut = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    return Promise.race([cut, new Promise((go) => setTimeout(go, 100)).then(() => inject(order, signal))]);
  };
  const { advance } = await import("../../../src/app/experiment/advance.ts");
  await expect(advance(run.deps, ID, ending.signal)).rejects.toThrow("SIGTERM");
  expect((await run.kinds()).at(-1)).toBe("injected");
});

test("an unanswered fault that is stopped is written down as done before it is taken back", async () => {
  const the = world();
  the.injection = new Error("no answer");
  the.wasDone = "done";
  const run = await armed(the);
  await run.step();
  await stop(run.deps, ID, { why: "its run ended", by: "aftershock run" }, never);
  expect((await run.kinds()).slice(-2)).toEqual(["cancelled", "injected-unsure"]);
});

describe("an experiment that the journal has lost whole", () => {
  /** Another journal, with the lease of a run before. */
  async function forgotten(the: World): Promise<Bench> {
    await (await armed(the)).step();
    return bench(the, { id: "another", slotMs: T0 + MINUTE_MS });
  }

  test("is restored from the lease, once, and settled by what the lease says", async () => {
    const the = world();
    const run = await forgotten(the);
    the.settled.set(ID, "injected");
    expect(await restoreLost(run.deps, never)).toBe(true);
    expect(await restoreLost(run.deps, never)).toBe(false);
    await run.step(ID);
    expect(await run.kinds(ID)).toEqual(["planned", "restored", "injected"]);
    expect(the.orders).toHaveLength(1);
  });

  test.each([
    { name: "was not injected", spoil: (the: World) => void the.settled.set(ID, "not-injected") },
    {
      name: "belongs to another installation",
      spoil: (the: World) => void the.intents.push({ ...the.intents.pop()!, installation: "other/one" }),
    },
    {
      name: "has too large a target for the lease",
      spoil: (the: World) => {
        const { choice: _choice, plan: _plan, ...rest } = the.intents.pop()!;
        the.intents.push(rest);
      },
    },
  ])("is left alone when it $name", async ({ spoil }) => {
    const the = world();
    const run = await forgotten(the);
    spoil(the);
    expect(await restoreLost(run.deps, never)).toBe(false);
    expect(await run.kinds(ID)).toEqual([]);
  });
});
