import { expect, test } from "vitest";
import { lateQueue } from "../../../src/main/storage/late-queue.ts";
import type { Queue } from "../../../src/ports/queue.ts";

function recorded(): { readonly calls: string[]; readonly open: () => Promise<Queue> } {
  const calls: string[] = [];
  const queue: Queue = {
    wake: async (key) => void calls.push(`wake ${key}`),
    start: async () => void calls.push("start"),
    close: async (timeoutMs) => void calls.push(`close ${timeoutMs}`),
  };
  const open = async (): Promise<Queue> => {
    calls.push("open");
    return queue;
  };
  return { calls, open };
}

test("a queue that nobody uses is never opened", async () => {
  const { calls, open } = recorded();
  await lateQueue(open).close(5);
  expect(calls).toEqual([]);
});

test("a queue is opened once, whoever comes first, and closed when it was opened", async () => {
  const { calls, open } = recorded();
  const queue = lateQueue(open);
  await Promise.all([queue.wake("a", 1), queue.wake("b", 1), queue.start(async () => undefined)]);
  await queue.close(5);
  expect(calls).toEqual(["open", "wake a", "wake b", "start", "close 5"]);
});

test("a queue that could not be opened is opened again the next time", async () => {
  const { calls, open } = recorded();
  let away = true;
  const queue = lateQueue(() => (away ? Promise.reject(new Error("away")) : open()));
  await expect(queue.wake("a", 1)).rejects.toThrow("away");
  away = false;
  await queue.wake("b", 1);
  expect(calls).toEqual(["open", "wake b"]);
});

test("a queue that was closed before it was used refuses", async () => {
  const { calls, open } = recorded();
  const queue = lateQueue(open);
  await queue.close(0);
  await expect(queue.wake("a", 1)).rejects.toMatchObject({ code: "storage-unavailable" });
  await expect(queue.start(async () => undefined)).rejects.toMatchObject({ code: "storage-unavailable" });
  expect(calls).toEqual([]);
});
