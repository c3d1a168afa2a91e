import { expect, test } from "vitest";
import { repeatOpen } from "../../../src/app/notify/repeat-open.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import type { Notice } from "../../../src/core/text/notice.ts";
import { bench, replaced, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";

const never = new AbortController().signal;

/** go-app fails half of its requests from the injection until `backMs`. */
async function damaged(backMs = Number.POSITIVE_INFINITY) {
  const the = world();
  the.failureShare = (service, atMs) => (service === "go-app/go-app" && atMs > T0 && atMs < backMs ? 0.5 : 0);
  const run = await bench(the);
  const repeated: Notice[] = [];
  run.deps.notifier.repeat = async (notice) => void repeated.push(notice);
  await run.step();
  replaced(the, T0 + 20 * SECOND_MS);
  return { the, run, repeated };
}

test("open damage is said again for receivers that forget, before and after a reminder", async () => {
  const { run, repeated } = await damaged();
  await run.play(T0 + 50 * MINUTE_MS);
  await repeatOpen(run.deps, never);
  await run.play(T0 + 26 * HOUR_MS);
  await repeatOpen(run.deps, never);
  expect(repeated.map(({ kind, impact }) => [kind, impact.map(({ service }) => service)])).toEqual([
    ["still-down", ["go-app/go-app"]],
    ["still-down", ["go-app/go-app"]],
  ]);
});

test("what has recovered is not said again", async () => {
  const { run, repeated, the } = await damaged(T0 + 2 * HOUR_MS);
  await run.play(T0 + 6 * HOUR_MS);
  expect(the.notices.map(({ kind }) => kind)).toContain("recovered");
  await repeatOpen(run.deps, never);
  expect(repeated).toEqual([]);
});
