import { expect, test } from "vitest";
import { bundleWorker } from "../../chaos/bundle.ts";
import { fight } from "../../chaos/campaign.ts";
import { emptyTally, FAULTS } from "../../chaos/harness.ts";
import { describeWith } from "../../support/requires.ts";
import { startRedis } from "../../support/servers/redis.ts";

describeWith("redis-server", "a worker that is killed (a sample of npm run test:chaos)", () => {
  test("injects nothing twice, loses nothing and leaves nothing behind", { timeout: 180_000 }, async () => {
    using bundle = await bundleWorker();
    await using redis = await startRedis();
    const tally = emptyTally();
    const faults = FAULTS.filter(({ kind }) => ["pod-delete", "node-drain", "http-abort"].includes(kind));
    await fight(bundle, redis.url, tally, { faults, every: 17, offset: 10, shared: true });
    expect(tally.problems).toEqual([]);
    expect(tally).toMatchObject({ double_injections: 0, lost_experiments: 0, left_behind: 0, unresolved: 0 });
    expect(tally.kill_points).toBeGreaterThanOrEqual(9);
  });
});
