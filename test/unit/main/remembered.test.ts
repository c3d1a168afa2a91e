import { expect, test } from "vitest";
import { unhurried } from "../../../src/main/web/remembered.ts";
import { bench, world } from "../../support/app.ts";

const never = new AbortController().signal;

async function counted(failing = false) {
  const { deps } = await bench(world());
  const asked: string[] = [];
  let nowMs = 0;
  const cluster = unhurried(
    {
      ...deps.cluster,
      snapshot: async (names, signal) => {
        asked.push(names.join());
        if (failing) throw new Error("away");
        return deps.cluster.snapshot(names, signal);
      },
    },
    1_000,
    () => nowMs,
  );
  return { asked, cluster, wait: (ms: number) => (nowMs += ms) };
}

test("a page that is asked for again and again lists the workloads once in a while", async () => {
  const { asked, cluster, wait } = await counted();
  await Promise.all([1, 2, 3].map(() => cluster.snapshot(["a"], never)));
  wait(1_000);
  await cluster.snapshot(["a"], never);
  await cluster.snapshot(["b"], never);
  expect(asked).toEqual(["a", "b"]);
  wait(1);
  await cluster.snapshot(["a"], never);
  expect(asked).toEqual(["a", "b", "a"]);
});

test("a failure is not remembered", async () => {
  const { asked, cluster } = await counted(true);
  for (let i = 0; i < 2; i++) await expect(cluster.snapshot(["a"], never)).rejects.toThrow("away");
  expect(asked).toEqual(["a", "a"]);
});
