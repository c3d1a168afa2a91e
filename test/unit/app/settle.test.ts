import { expect, test } from "vitest";
import { settleIntent } from "../../../src/app/inject/settle-intent.ts";
import { HOUR_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { bench, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";

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
    expect(other).toEqual({ untilMs: T0 + aheadMs + 20 * SECOND_MS });
    expect(await run.kinds(id)).not.toContain("not-injected");
  },
);
