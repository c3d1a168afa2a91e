import { expect, test } from "vitest";
import type { ExperimentState } from "../../../src/core/model/experiment.ts";
import { type Director, director } from "../../../src/main/demo/director.ts";

/** A clock on which the story's patience never ends. */
const STANDING = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  realMs: () => 0,
  sleep: () => new Promise<void>(() => undefined),
};
const NOTHING = {} as ExperimentState;

function follow(): Director {
  const { signal } = new AbortController();
  return director({ clock: STANDING, signal, cure: () => Promise.resolve(), say: () => undefined });
}

const refuse = (story: Director, times: number, gate: string): void => {
  for (let i = 0; i < times; i++) story.heard({ kind: "refused", gate, why: "nobody answers" }, NOTHING);
};

test("a story in which every slot is refused ends, and says by which gate", async () => {
  const story = follow();
  refuse(story, 6, "cluster");
  await expect(story.done).rejects.toThrow(/6 slots in a row were refused by the gate "cluster": nobody answers/);
});

test("slots that pass one after another mean that the machine is too slow", async () => {
  const story = follow();
  refuse(story, 6, "lateness");
  await expect(story.done).rejects.toThrow(/too slow/);
});

test("slots that are refused for open damage are a part of the story", async () => {
  const story = follow();
  refuse(story, 20, "open-damage");
  refuse(story, 5, "cluster");
  await expect(Promise.race([story.done, Promise.resolve("goes on")])).resolves.toBe("goes on");
});
