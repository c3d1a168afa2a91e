import { expect, test } from "vitest";
import { cancelByHand } from "../../../src/app/experiment/close-or-cancel.ts";
import { waitOrCancelled } from "../../../src/app/experiment/wait-or-cancelled.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { bench, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";

const never = new AbortController().signal;

/** Waits for ten minutes; somebody cancels after `cancelMs`. */
async function waited(cancelMs: number) {
  const run = await bench(world());
  const [{ plan } = { plan: null }] = await run.deps.book.between(0, Number.MAX_SAFE_INTEGER);
  const id = plan?.id ?? "";
  await run.step();
  const sleep = async (ms: number) => {
    run.clock.moveTo(run.clock.nowMs() + ms);
    const due = run.clock.nowMs() >= T0 + cancelMs;
    if (due && !(await run.deps.book.experiment(id)).cancelled) await cancelByHand(run.deps, id, "enough", "ana");
  };
  await waitOrCancelled({ ...run.deps, clock: { ...run.clock, sleep } }, id, T0 + 10 * MINUTE_MS, never);
  return run.clock.nowMs() - T0;
}

test("a run that waits for its verdict honours a cancel within seconds", async () => {
  expect(await waited(61 * SECOND_MS)).toBe(65 * SECOND_MS);
});

test("a run that nobody cancels waits until it is due", async () => {
  expect(await waited(60 * MINUTE_MS)).toBe(10 * MINUTE_MS);
});
