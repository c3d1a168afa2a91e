import { expect, test } from "vitest";
import { bundleWorker } from "../../chaos/bundle.ts";
import { fight } from "../../chaos/campaign.ts";
import { Arena } from "../../chaos/harness.ts";
import { BACKENDS } from "../../chaos/stores.ts";
import { emptyTally } from "../../chaos/tally.ts";
import { TRIALS } from "../../chaos/trials.ts";
import { describeWith } from "../../support/requires.ts";

describeWith("redis-server", "a worker that is killed (a sample of npm run test:chaos)", () => {
  test("injects nothing twice, loses nothing and leaves nothing behind", { timeout: 180_000 }, async ({ signal }) => {
    using bundle = await bundleWorker();
    await using redis = await BACKENDS.redis!.open();
    const tally = emptyTally();
    const faults = ["pod-delete", "node-drain", "http-abort", "extended"];
    await fight(bundle, redis, tally, { faults, every: 17, troubleEvery: 0 }, signal);
    expect(tally.problems).toEqual([]);
    expect(tally).toMatchObject({ double_injections: 0, lost_experiments: 0, left_behind: 0, unresolved: 0 });
    expect(tally.kill_points).toBeGreaterThanOrEqual(12);
  });
});

test("a request that is delivered twice is told as what it did, on an embedded store", { timeout: 60_000 }, async ({
  signal,
}) => {
  using bundle = await bundleWorker();
  await using store = await BACKENDS.embedded!.open();
  const tally = emptyTally();
  await using arena = await Arena.open(bundle, store, tally, signal);
  const trial = TRIALS.find(({ name }) => name === "pod-evict")!;
  await arena.live(trial, { killAt: null, mishap: { where: "call", what: "twice" } });
  await arena.live(null, { killAt: null });
  expect(tally.problems).toEqual([]);
  expect(tally).toMatchObject({ workers: 2, unresolved: 0 });
});
