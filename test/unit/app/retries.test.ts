import { expect, test } from "vitest";
import { MINUTE_MS } from "../../../src/core/model/units.ts";
import { bench, replaced, world } from "../../support/app.ts";
import { T0 } from "../../support/experiments.ts";

const ID = "go-app-pods-20260306T090000Z";

/** One experiment, judged, whose source counts attempts as `attempts` says. */
async function judged(attempts: (fromMs: number) => number) {
  const the = world();
  const run = await bench(the);
  const id = (await run.deps.book.between(0, Number.MAX_SAFE_INTEGER))[0]?.plan?.id ?? ID;
  const asked = new Set<string>();
  Object.assign(run.deps.metrics, {
    attempts: async (services: readonly string[], { fromMs }: { readonly fromMs: number }) => {
      for (const one of services) asked.add(one);
      return services.map((service) => ({
        ...{ caller: "go-app/repeater", service },
        ...{ asked: 1_000, arrived: attempts(fromMs) },
      }));
    },
  });
  await run.step(id);
  replaced(the, T0 + 10_000);
  await run.play(T0 + 40 * MINUTE_MS, id);
  return { judgement: (await run.deps.book.experiment(id)).judgement!, asked };
}

test("what callers tried again is told beside the verdict, of the services concerned", async () => {
  const { judgement, asked } = await judged((fromMs) => (fromMs < T0 ? 1_000 : 2_300));
  expect([...asked].sort()).toEqual([...(judgement.concerned ?? [])].sort());
  expect(judgement.notes.join("\n")).toContain("received 2.3 attempts for each request (before: 1.0)");
  expect(judgement.retried?.[0]).toMatchObject({ by: "proxy", callers: ["go-app/repeater"], after: 2.3 });
  expect(judgement.headline).toBe("steady");
});

test("a source that cannot count attempts spoils no verdict", async () => {
  const { judgement } = await judged(() => {
    throw new Error("away");
  });
  expect(judgement.headline).toBe("steady");
  expect(judgement.notes.join("\n")).not.toContain("attempts");
});
