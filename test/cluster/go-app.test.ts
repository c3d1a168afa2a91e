import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aftershock, type LabStory, openStory } from "./support/story.ts";

/**
 * After damage: the failures have left the gates' window of a minute, and half of the time before
 * is normal again.
 */
const QUIET_AGAIN_MS = 75_000;

/**
 * The story of the design on a real cluster with real traffic: KUBECONFIG names the cluster,
 * PROMETHEUS_URL its Prometheus, and the go-app example (load → repeater → go-app → go-app-db) runs
 * in namespace `go-app`. Windows are small, so there is no day of history: learning.
 */
describe("the go-app story", () => {
  let story: LabStory;
  beforeAll(async () => {
    story = await openStory();
  }, 400_000);
  afterAll(() => story?.close());

  const run = async (target: string, ...more: string[]) => {
    const { exitCode, json, stderr } = await aftershock(
      story,
      "run",
      "--policy",
      "go-app-pods",
      "--once",
      "--target",
      target,
      "--json",
      ...more,
    );
    const [experiment] = json?.experiments ?? [];
    expect(experiment, stderr).toBeDefined();
    return { exitCode, experiment: experiment!, stderr };
  };
  const worst = (experiment: Awaited<ReturnType<typeof run>>["experiment"], service: string) =>
    experiment.verdicts.filter((v) => v.service === service).map((v) => `${v.signal} ${v.verdict}`);

  test("the death of one of two go-app pods is steady or transient", async () => {
    const { exitCode, experiment } = await run("go-app/go-app");
    expect(["steady", "transient"], JSON.stringify(experiment, null, 1)).toContain(experiment.headline);
    expect(exitCode).toBe(0);
  }, 400_000);

  test("the death of the db pod is persistent for go-app and repeater, with the stale connection as reason", async () => {
    const { exitCode, experiment } = await run("go-app/go-app-db");
    expect(worst(experiment, "go-app/go-app"), JSON.stringify(experiment, null, 1)).toContain("failures persistent");
    expect(worst(experiment, "go-app/repeater")).toContain("failures persistent");
    expect(experiment.findings.map((f) => `${f.weakness} ${f.workload}`).sort()).toEqual([
      "probe-does-not-cover-dependency Deployment go-app/go-app",
      "single-point-of-failure Deployment go-app/go-app-db",
      "stale-connection Deployment go-app/go-app",
    ]);
    expect(exitCode).toBe(1);
    expect(await story.unreadyPods()).toEqual([]);
  }, 400_000);

  test("nothing is hit while that damage is open", async () => {
    const { exitCode, experiment } = await run("go-app/repeater");
    expect(experiment.refusal).toMatchObject({ gate: "open-damage" });
    expect(exitCode).toBe(4);
  }, 120_000);

  test("a restart of go-app is followed by recovered, and experiments go on", async () => {
    await story.restart("go-app");
    const recovered = await story.waitForRecovery();
    expect(recovered.recoveredAfterMs).toBeGreaterThan(60_000);
    expect(recovered.cure).toContain("go-app");
    await sleep(QUIET_AGAIN_MS);
    const { exitCode, experiment } = await run("go-app/repeater");
    expect(["steady", "transient"], JSON.stringify(experiment, null, 1)).toContain(experiment.headline);
    expect(exitCode).toBe(0);
  }, 900_000);
});
