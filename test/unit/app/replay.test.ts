import { describe, expect, test } from "vitest";
import { closeByHand } from "../../../src/app/experiment/close-or-cancel.ts";
import { type ReplayDeps, replay } from "../../../src/app/judge/replay.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/model/units.ts";
import { bench, replaced, world } from "../../support/app.ts";
import { experimentPlan, T0 } from "../../support/experiments.ts";

const ID = experimentPlan().id;
const never = new AbortController().signal;

/** An experiment whose services fail for ever, judged; and what replays it. */
async function judged() {
  const the = world();
  the.failureShare = (_service, atMs) => (atMs >= T0 ? 0.5 : 0);
  const run = await bench(the, { geometry: { ...experimentPlan().geometry, lateMs: 10 * MINUTE_MS } });
  await run.step();
  replaced(the, T0 + 20 * SECOND_MS);
  await run.play(T0 + 20 * MINUTE_MS);
  const deps: ReplayDeps = {
    ...run.deps,
    journal: run.journal,
    retention: () => ({ seenMs: 1, detailsMs: 1, journalMs: 1 }),
  };
  return { the, run, deps };
}

describe("a replay", () => {
  test("of the same build on the same data gives the same verdicts, and says that nothing changed", async () => {
    const { deps } = await judged();
    const { recorded, again, differences, changed } = await replay(deps, ID, never);
    expect(recorded.headline).toBe("persistent");
    expect(again.headline).toBe("persistent");
    expect({ differences, changed }).toEqual({ differences: [], changed: [] });
  });

  test("is not moved by what happened since: the damage was closed by hand", async () => {
    const { run, deps } = await judged();
    await closeByHand(run.deps, ID, "known", "somebody");
    expect((await run.deps.book.experiment(ID)).closed).not.toBeNull();
    const { again, differences, changed } = await replay(deps, ID, never);
    expect(again.headline).toBe("persistent");
    expect({ differences, changed }).toEqual({ differences: [], changed: [] });
  });

  test("names another build, and history that was not there", async () => {
    const { deps } = await judged();
    const observation = await deps.archive.observation(ID);
    const history = { upTo: async () => observation, refresh: async () => undefined };
    const { changed } = await replay({ ...deps, build: "9.9.9", history }, ID, never);
    expect(changed).toEqual([
      "version unknown judged, version 9.9.9 judges again",
      expect.stringMatching(/^history: there was none, now there is .* of \d+ services/),
    ]);
  });

  test("names what is not kept any more", async () => {
    const { deps } = await judged();
    const archive = { ...deps.archive, judgedFrom: async () => null, snapshot: async () => null };
    const { changed } = await replay({ ...deps, archive }, ID, never);
    expect(changed).toEqual([
      expect.stringMatching(/^what the verdict was made from was not kept/),
      expect.stringMatching(/^cluster: its state before the injection is not kept/),
    ]);
  });

  test("is refused without the counts, which is said with how long they are kept", async () => {
    const { deps } = await judged();
    const archive = { ...deps.archive, observation: async () => null };
    await expect(replay({ ...deps, archive }, ID, never)).rejects.toMatchObject({
      code: "not-found",
      hint: expect.stringContaining("storage.retention.seen"),
    });
  });
});
