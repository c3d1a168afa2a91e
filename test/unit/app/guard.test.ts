import { describe, expect, test } from "vitest";
import { AftershockError } from "../../../src/core/model/error.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { type Bench, bench, replaced, type World, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;
const DRAIN = { kind: "node-drain", durationMs: 5 * MINUTE_MS } as const;
const RULE = { windowMs: 2 * MINUTE_MS, excessFailures: 50, rateFall: 0.5, missingRequests: 100 };

/** A drain that stands for five minutes, with the abort rule or without. */
async function drained(the: World, abort: typeof RULE | null = RULE): Promise<Bench> {
  const run = await bench(the, { abort });
  const armed = { ...run.deps.policyOf(experimentPlan())!, faults: [{ weight: 1, fault: DRAIN }] };
  Object.assign(run.deps, { policyOf: () => armed });
  await run.step();
  expect(the.orders).toHaveLength(1);
  return run;
}
const failing = (atMs: number) =>
  ["go-app/repeater", "go-app/go-app"].map((service) => ({
    service,
    requests: 1_200,
    failures: atMs > T0 + MINUTE_MS ? 600 : 0,
  }));
const eventsOf = async (run: Bench) => (await run.journal.read(`experiment/${ID}`)).map((one) => one.event);

describe("while a fault stands", () => {
  test("harm beyond the rule aborts it, takes it back, and cuts the verdict short", async () => {
    const the = world();
    the.recent = failing;
    const run = await drained(the);
    await run.play(T0 + 2 * MINUTE_MS);
    expect(the.undone).toHaveLength(1);
    const aborted = (await run.journal.read(`experiment/${ID}`)).find((one) => one.event.kind === "aborted");
    expect(aborted?.event).toMatchObject({ why: expect.stringContaining("600 of 1200 requests failed") });
    expect(aborted?.atMs).toBeLessThanOrEqual(T0 + MINUTE_MS + 15 * SECOND_MS);
    replaced(the, T0 + 2 * MINUTE_MS);
    await run.play(T0 + HOUR_MS);
    expect(await eventsOf(run)).toContainEqual(
      expect.objectContaining({ kind: "judged", judgement: expect.objectContaining({ headline: "inconclusive" }) }),
    );
  });

  test("one request a scrape is made", async () => {
    const the = world();
    let asked = 0;
    the.recent = () => {
      asked += 1;
      return [{ service: "go-app/go-app", requests: 3_000, failures: 0 }];
    };
    const run = await drained(the);
    asked = 0; // by the gates, and for what was usual
    await run.play(T0 + 4 * MINUTE_MS + 59 * SECOND_MS);
    expect(asked).toBe((5 * 60) / 15);
    expect(the.undone).toHaveLength(0);
    await run.play(T0 + 5 * MINUTE_MS);
    expect(the.undone).toHaveLength(1);
  });

  test("nobody who can see what it does is a reason to take it back", async () => {
    const the = world();
    const run = await drained(the);
    run.clock.moveTo(T0 + MINUTE_MS);
    the.source = new AftershockError("source-unavailable", "connection refused");
    await run.step();
    expect(the.undone).toHaveLength(1);
    expect((await run.deps.book.experiment(ID)).aborted).toBe("nobody can see what the fault does: connection refused");
    expect(run.clock.nowMs()).toBe(T0 + MINUTE_MS + 10 * SECOND_MS);
  });

  test("without a rule it stands for its time, whatever happens", async () => {
    const the = world();
    the.recent = failing;
    const run = await drained(the, null);
    await run.play(T0 + 4 * MINUTE_MS);
    expect(the.undone).toHaveLength(0);
  });
});

test("a fault that stood for half an hour is over only afterwards", async () => {
  const the = world();
  const run = await bench(the);
  const long = {
    ...run.deps.policyOf(experimentPlan())!,
    faults: [{ weight: 1, fault: { ...DRAIN, durationMs: HOUR_MS / 2 } }],
  };
  Object.assign(run.deps, { policyOf: () => long });
  await run.step();
  replaced(the, T0 + 20 * SECOND_MS);
  await run.play(T0 + 2 * HOUR_MS);
  const state = await run.deps.book.experiment(ID);
  expect(state.clearMs).toBeGreaterThanOrEqual(state.undoneMs ?? Number.POSITIVE_INFINITY);
});
