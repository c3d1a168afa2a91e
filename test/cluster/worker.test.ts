import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aftershock, type LabStory, openStory, PROGRAM } from "./support/story.ts";

/**
 * The worker on a real cluster, killed in the middle of an experiment and started again: it goes on
 * from the journal, and nothing is deleted twice.
 */
describe("a worker that is killed in the middle", () => {
  let story: LabStory;
  let worker: ChildProcess | null = null;
  beforeAll(async () => {
    story = await openStory({
      schedule: '{ cron: "*/2 * * * *", timezone: UTC, shamShare: 0 }',
      names: ["repeater"],
      perDay: 1,
    });
  }, 400_000);
  afterAll(async () => {
    await stop("SIGTERM");
    await story?.close();
  }, 60_000);

  async function stop(name: NodeJS.Signals): Promise<void> {
    if (worker === null || worker.exitCode !== null || worker.signalCode !== null) return;
    const gone = once(worker, "exit");
    worker.kill(name);
    await gone;
  }

  /** Starts a worker and collects the constant messages of its log. */
  function start(): { readonly said: string[] } {
    const said: string[] = [];
    worker = spawn(process.execPath, [PROGRAM, "worker", "--config", story.config], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    worker.stderr?.on("data", (chunk: Buffer) => said.push(...chunk.toString().split("\n")));
    return { said };
  }

  const heard = async (said: readonly string[], text: string, seconds: number): Promise<string> => {
    for (let waited = 0; waited < seconds * 2; waited++) {
      const line = said.find((one) => one.includes(text));
      if (line !== undefined) return line;
      await sleep(500);
    }
    throw new Error(`the worker never said "${text}":\n${said.join("\n")}`);
  };

  test("finishes that experiment, and the pod was deleted once", async () => {
    const before = await story.podNames("repeater");
    const first = start();
    const ordered = JSON.parse(await heard(first.said, "fault ordered", 200)) as { experimentId: string };
    await stop("SIGKILL");
    const { said } = start();
    await heard(said, "dashboard", 60);

    let kinds: string[] = [];
    for (let looks = 0; looks < 60 && !kinds.includes("notified"); looks++) {
      await sleep(5_000);
      const { stdout } = await aftershock(story, "explain", ordered.experimentId, "--json");
      const { entries } = JSON.parse(stdout) as { entries: { event: { kind: string } }[] };
      kinds = entries.map((entry) => entry.event.kind);
    }
    expect(kinds.filter((kind) => kind === "intended")).toHaveLength(1);
    expect(kinds.at(-1)).toBe("notified");
    expect(kinds.some((kind) => kind === "injected" || kind === "injected-unsure")).toBe(true);
    expect(said.filter((line) => line.includes("fault ordered") && line.includes(ordered.experimentId))).toEqual([]);
    expect(await heard(said, "outcome: ", 10), "the log follows the experiment").toContain(ordered.experimentId);
    const after = await story.podNames("repeater");
    expect(
      before.filter((name) => !after.includes(name)),
      "exactly one pod was replaced",
    ).toHaveLength(1);
  }, 900_000);
});
