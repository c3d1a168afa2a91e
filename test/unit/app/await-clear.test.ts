import { expect, test } from "vitest";
import { HOUR_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { bench, replaced, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";

test.each([
  { name: "a moment after the call nobody asks whether the pods are back", byMs: 0, last: "injected" },
  { name: "a clock that was set back makes nobody wait for its hour", byMs: -HOUR_MS, last: "cleared" },
])("$name", async ({ byMs, last }) => {
  const the = world();
  const run = await bench(the);
  await run.step();
  replaced(the, T0 + 4 * SECOND_MS);
  run.clock.setBy(byMs);
  await run.step();
  expect((await run.kinds()).at(-1)).toBe(last);
});
