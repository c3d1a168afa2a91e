import { expect, test } from "vitest";
import { fewAtATime } from "../../../src/adapters/kubernetes/client/few-at-a-time.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test("answers in order, and never has more than so many at work", async () => {
  let now = 0;
  let most = 0;
  const answers = await fewAtATime([5, 4, 3, 2, 1, 0], 3, async (turns) => {
    most = Math.max(most, ++now);
    for (let i = 0; i < turns; i++) await turn();
    now -= 1;
    return turns;
  });
  expect([answers, most]).toEqual([[5, 4, 3, 2, 1, 0], 3]);
});

test("begins nothing after a failure, and leaves nothing at work behind it", async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const failing = fewAtATime([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    if (item === 0) throw new Error("first");
    for (let i = 0; i < 3; i++) await turn();
    ended.push(item);
  });
  await expect(failing).rejects.toThrow("first");
  expect([begun, ended]).toEqual([[0, 1], [1]]);
});

test("of nothing is nothing", async () => {
  expect(await fewAtATime([], 3, async () => 1)).toEqual([]);
});
